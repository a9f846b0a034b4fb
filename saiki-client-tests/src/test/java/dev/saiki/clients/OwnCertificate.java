package dev.saiki.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.http.server.TlsOptions;
import dev.saiki.testkit.TestProcess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// A certificate for this machine that only a test's client trusts.
///
/// @param options the server's options
/// @param trusting the client's context, which trusts the certificate
record OwnCertificate(TlsOptions options, SSLContext trusting) {

    private static final String PASSWORD = "changeit";
    private static final String NAME = "server";

    /// Makes a certificate with the JDK's own tool.
    static OwnCertificate in(Path folder) throws IOException, InterruptedException, GeneralSecurityException {
        Path file = folder.resolve("own.p12");
        Path tool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        String arguments =
                "-genkeypair -keyalg EC -dname CN=localhost -ext san=ip:127.0.0.1 -validity 2 -storetype PKCS12"
                        + " -alias " + NAME + " -storepass " + PASSWORD + " -keystore " + file;
        TestProcess.Ended ended = TestProcess.run(Duration.ofMinutes(1), List.of((tool + " " + arguments).split(" ")));
        assertThat(ended.exitCode()).as(ended.output()).isZero();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream input = Files.newInputStream(file)) {
            store.load(input, PASSWORD.toCharArray());
        }
        TlsOptions options = new TlsOptions(
                write(
                        folder.resolve("own.crt"),
                        "CERTIFICATE",
                        store.getCertificate(NAME).getEncoded()),
                write(
                        folder.resolve("own.key"),
                        "PRIVATE KEY",
                        store.getKey(NAME, PASSWORD.toCharArray()).getEncoded()));
        return new OwnCertificate(options, trusting(store));
    }

    private static Path write(Path file, String what, byte[] der) throws IOException {
        Base64.Encoder encoder = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));
        return Files.writeString(
                file,
                "-----BEGIN " + what + "-----\n" + encoder.encodeToString(der) + "\n-----END " + what + "-----\n");
    }

    private static SSLContext trusting(KeyStore store) throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        trusted.setCertificateEntry(NAME, store.getCertificate(NAME));
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }
}
