package dev.saiki.server;

import dev.saiki.http.Json;
import dev.saiki.http.server.TlsOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/// The HTTP client of the warm-up, which opens a new connection for each request, like a first-time client.
///
/// Uses `HttpURLConnection`, because Java's newer client would start threads and a connection pool that the server
/// does not need otherwise.
final class RehearsalClient {

    private static final int TIMEOUT_MILLIS = 60_000;
    private static final int FIRST_ERROR = 400;

    private final String address;
    private final String key;
    private final @Nullable SSLSocketFactory tls;

    /// Creates a client.
    ///
    /// @param port the port of the warm-up's server
    /// @param proof the server's certificate, the only one that this client trusts; empty if the server uses
    ///     no TLS
    /// @param key the API key of the warm-up's server
    RehearsalClient(int port, Optional<TlsOptions> proof, String key) throws IOException {
        this.address = (proof.isPresent() ? "https" : "http") + "://127.0.0.1:" + port;
        this.key = key;
        this.tls = proof.isPresent() ? trusting(proof.get()) : null;
    }

    private static SSLSocketFactory trusting(TlsOptions proof) throws IOException {
        try (InputStream file = Files.newInputStream(proof.certificate())) {
            KeyStore known = KeyStore.getInstance(KeyStore.getDefaultType());
            known.load(null, null);
            int number = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(file)) {
                known.setCertificateEntry(Integer.toString(number), certificate);
                number++;
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(known);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context.getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new IOException("the certificate cannot be trusted", e);
        }
    }

    /// Sends a request and reads the whole response.
    ///
    /// @return the duration in nanoseconds
    long ask(RehearsalRequests.Post request) throws IOException {
        long start = System.nanoTime();
        HttpURLConnection connection = post(request.path(), Json.bytes(request.body()));
        try (InputStream answer = answer(connection)) {
            answer.transferTo(OutputStream.nullOutputStream());
        } finally {
            connection.disconnect();
        }
        return System.nanoTime() - start;
    }

    private HttpURLConnection post(String path, byte[] body) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(address + path).toURL().openConnection();
        if (connection instanceof HttpsURLConnection secured && tls != null) {
            secured.setSSLSocketFactory(tls);
            // Skips the check of the host name, because the certificate names the public host instead of
            // 127.0.0.1.
            secured.setHostnameVerifier((_, _) -> true);
        }
        connection.setRequestMethod("POST");
        connection.setRequestProperty("Content-Type", "application/json");
        connection.setRequestProperty("Authorization", "Bearer " + key);
        connection.setRequestProperty("Connection", "close");
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        connection.setDoOutput(true);
        connection.getOutputStream().write(body);
        return connection;
    }

    /// Returns the body of any response: even an error response warms up code.
    private static InputStream answer(HttpURLConnection connection) throws IOException {
        @Nullable
        InputStream stream =
                connection.getResponseCode() < FIRST_ERROR ? connection.getInputStream() : connection.getErrorStream();
        return stream == null ? InputStream.nullInputStream() : stream;
    }
}
