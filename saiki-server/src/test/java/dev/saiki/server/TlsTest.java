package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.http.server.ConnectionLimits;
import dev.saiki.http.server.TlsOptions;
import dev.saiki.io.InputException;
import dev.saiki.testkit.TestProcess;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TlsTest {

    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    private static Path folder;

    private static KeyStore ours;
    private static TlsOptions proof;

    @BeforeAll
    static void makeCertificates() throws Exception {
        ours = keyStore("ours", "RSA");
        proof = pem("ours", ours);
    }

    /// A certificate for this machine and its key, made by the JDK's own tool.
    private static KeyStore keyStore(String name, String algorithm) throws Exception {
        Path file = folder.resolve(name + ".p12");
        TestProcess.Ended ended = TestProcess.run(
                Duration.ofMinutes(1),
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "server",
                        "-keyalg",
                        algorithm,
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        new String(PASSWORD)));
        assertThat(ended.exitCode()).as(ended.output()).isZero();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream input = Files.newInputStream(file)) {
            store.load(input, PASSWORD);
        }
        return store;
    }

    private static TlsOptions pem(String name, KeyStore store) throws Exception {
        return new TlsOptions(
                write(
                        name + ".crt",
                        "CERTIFICATE",
                        store.getCertificate("server").getEncoded()),
                write(
                        name + ".key",
                        "PRIVATE KEY",
                        store.getKey("server", PASSWORD).getEncoded()));
    }

    private static Path write(String name, String what, byte[] der) throws IOException {
        Base64.Encoder encoder = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));
        return Files.writeString(
                folder.resolve(name),
                "-----BEGIN " + what + "-----\n" + encoder.encodeToString(der) + "\n-----END " + what + "-----\n");
    }

    private static SSLContext trust(KeyStore store) throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        trusted.setCertificateEntry("server", store.getCertificate("server"));
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }

    private static HttpClient clientThatTrusts(KeyStore store) throws Exception {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(trust(store))
                .build();
    }

    private static TestServer server(TlsOptions options) {
        return TestServer.in(folder, EngineOptions.builder().threads(1).build(), server -> server.tls(options));
    }

    private static String ask(HttpClient client, TestServer server) throws IOException, InterruptedException {
        String body = "{\"prompt\":\"a\",\"max_tokens\":3,\"ignore_eos\":true,\"stream\":true}";
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("https://127.0.0.1:" + server.port() + "/v1/completions"))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    @Test
    void answersComeOverTlsToThoseWhoTrustTheCertificate() throws Exception {
        try (TestServer server = server(proof);
                HttpClient trusting = clientThatTrusts(ours);
                HttpClient strange = HttpClient.newHttpClient()) {
            assertThat(ask(trusting, server)).endsWith("data: [DONE]\n\n");
            assertThatThrownBy(() -> ask(strange, server)).isInstanceOf(SSLHandshakeException.class);
        }
    }

    @Test
    void ellipticKeysWorkToo() throws Exception {
        KeyStore elliptic = keyStore("elliptic", "EC");
        try (TestServer server = server(pem("elliptic", elliptic));
                HttpClient trusting = clientThatTrusts(elliptic)) {
            assertThat(ask(trusting, server)).endsWith("data: [DONE]\n\n");
        }
    }

    @Test
    void aServerOverTlsWarmsUpOverTls() throws Exception {
        try (TestServer server = TestServer.in(
                        folder,
                        EngineOptions.builder().threads(1).build(),
                        options -> options.tls(proof).warmUp(Duration.ofSeconds(1)));
                HttpClient trusting = clientThatTrusts(ours)) {
            HttpRequest ready = HttpRequest.newBuilder(
                            URI.create("https://127.0.0.1:" + server.port() + "/health/ready"))
                    .build();
            while (trusting.send(ready, HttpResponse.BodyHandlers.discarding()).statusCode() != 200) {
                LockSupport.parkNanos(10_000_000);
            }
            assertThat(server.engine().statistics().tokensWritten()).isPositive();
        }
    }

    /// A client that connects, may begin a handshake, and then sends nothing.
    private static Socket silent(TestServer server, int... begun) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.setSoTimeout(20_000);
        for (int value : begun) {
            socket.getOutputStream().write(value);
        }
        return socket;
    }

    private static boolean isOpen(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() >= 0;
        } catch (SocketException reset) {
            return false;
        }
    }

    /// Within the time limit of the test, only silence can close these connections.
    @Test
    void aHandshakeThatNeverEndsIsDroppedAndHoldsNobodyUp() throws Exception {
        ConnectionLimits limits =
                new ConnectionLimits(4096, Duration.ofMillis(700), Duration.ofHours(1), Duration.ofHours(1));
        List<Socket> clients = new ArrayList<>();
        try (TestServer server = TestServer.in(
                        folder,
                        65_536,
                        EngineOptions.builder().threads(1).build(),
                        options -> options.tls(proof).connections(limits));
                HttpClient trusting = clientThatTrusts(ours)) {
            for (int i = 0; i < 100; i++) {
                // The type, the version and a part of the length of a client's first record, or nothing at all.
                clients.add(i % 2 == 0 ? silent(server) : silent(server, 22, 3, 1, 2));
            }
            assertThat(ask(trusting, server)).endsWith("data: [DONE]\n\n");
            for (Socket client : clients) {
                assertThat(isOpen(client)).isFalse();
            }
            // The first client's connection was silent for as long, and may be dropped just when it is used again.
            try (HttpClient another = clientThatTrusts(ours)) {
                assertThat(ask(another, server)).endsWith("data: [DONE]\n\n");
            }
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    @Test
    void aHandshakeThatTricklesIsDroppedToo() throws Exception {
        ConnectionLimits limits =
                new ConnectionLimits(4096, Duration.ofMillis(700), Duration.ofSeconds(20), Duration.ofSeconds(20));
        try (TestServer server = TestServer.in(
                        folder,
                        EngineOptions.builder().threads(1).build(),
                        options -> options.tls(proof).connections(limits));
                Socket client = silent(server, 22, 3, 1, 2, 0)) {
            TestServer.await(() -> {
                try {
                    client.getOutputStream().write(0);
                    Thread.sleep(100);
                    return false;
                } catch (IOException dropped) {
                    return true;
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
        }
    }

    @Test
    void anAnswerThatTakesLongerThanAHandshakeMayIsNotCutOff() throws Exception {
        ConnectionLimits limits =
                new ConnectionLimits(4096, Duration.ofSeconds(1), Duration.ofSeconds(20), Duration.ofSeconds(20));
        try (TestServer server = TestServer.in(
                        folder,
                        65_536,
                        EngineOptions.builder().threads(1).build(),
                        options -> options.tls(proof).connections(limits));
                HttpClient trusting = clientThatTrusts(ours)) {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("https://127.0.0.1:" + server.port() + "/v1/completions"))
                    .POST(HttpRequest.BodyPublishers.ofString(
                            "{\"prompt\":\"a\",\"max_tokens\":60000,\"ignore_eos\":true,\"stream\":true}"))
                    .build();
            long end = System.nanoTime() + 2 * limits.silence().toNanos();
            try (InputStream stream = trusting.send(request, HttpResponse.BodyHandlers.ofInputStream())
                    .body()) {
                do {
                    assertThat(stream.read()).isNotNegative();
                } while (System.nanoTime() < end);
            }
        }
    }

    /// A client whose handshake has ended, with the usual room for what it does not read, or with less.
    private static SSLSocket shaken(TestServer server, String protocol, int receiveBuffer) throws Exception {
        Socket socket = new Socket();
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
        socket.setSoTimeout(20_000);
        SSLSocket secured =
                (SSLSocket) trust(ours).getSocketFactory().createSocket(socket, "127.0.0.1", server.port(), true);
        secured.setEnabledProtocols(new String[] {protocol});
        secured.startHandshake();
        return secured;
    }

    /// The number of file handles of this process, which contains the server.
    private static long handles() {
        return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getOpenFileDescriptorCount();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aTlsConnectionThatEndsFreesItsFileHandle(String protocol) throws Exception {
        byte[] request = RawClient.request("/v1/completions", "{\"prompt\":\"a\",\"max_tokens\":1}");
        try (TestServer server = server(proof)) {
            shaken(server, protocol, 0).close();
            long before = handles();
            for (int i = 0; i < 60; i++) {
                try (SSLSocket client = shaken(server, protocol, 0)) {
                    if (i % 2 == 0) {
                        client.getOutputStream().write(request);
                        assertThat(client.getInputStream().read()).isEqualTo('H');
                    }
                }
            }
            TestServer.await(() -> handles() < before + 20);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aTlsClientThatSaysNothingFreesItsFileHandle(String protocol) throws Exception {
        ConnectionLimits limits =
                new ConnectionLimits(4096, Duration.ofMillis(700), Duration.ofSeconds(20), Duration.ofSeconds(20));
        List<Socket> clients = new ArrayList<>();
        try (TestServer server = TestServer.in(
                folder,
                EngineOptions.builder().threads(1).build(),
                options -> options.tls(proof).connections(limits))) {
            shaken(server, protocol, 0).close();
            long before = handles();
            for (int i = 0; i < 60; i++) {
                clients.add(shaken(server, protocol, 0));
            }
            // The clients' own ends stay open.
            TestServer.await(() -> handles() < before + clients.size() + 20);
            for (Socket client : clients) {
                assertThat(isOpen(client)).isFalse();
            }
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    /// What is written to it stands still, behind which a goodbye would wait too.
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aTlsClientThatTakesNothingIsCutOff(String protocol) throws Exception {
        ConnectionLimits limits =
                new ConnectionLimits(4096, Duration.ofMillis(700), Duration.ofSeconds(20), Duration.ofSeconds(20));
        byte[] request = RawClient.request(
                "/v1/completions",
                "{\"prompt\":\"the sea\",\"max_tokens\":60000,\"ignore_eos\":true,\"stream\":true,\"logprobs\":5}");
        try (TestServer server = TestServer.in(
                        folder,
                        65_536,
                        EngineOptions.builder().threads(1).build(),
                        options -> options.tls(proof).connections(limits));
                SSLSocket client = shaken(server, protocol, 1024)) {
            client.getOutputStream().write(request);
            TestServer.await(() -> !server.engine().sequences().isEmpty());
            TestServer.await(() -> server.engine().sequences().isEmpty());
            assertThat(server.engine().statistics().tokensWritten()).isLessThan(60_000);
        }
    }

    @Test
    void aKeyOfAnotherCertificateIsRefusedAtTheStart() throws Exception {
        TlsOptions other = pem("other", keyStore("other", "RSA"));
        assertThatThrownBy(() -> server(new TlsOptions(proof.certificate(), other.key())))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("is not the key of");
        assertThatThrownBy(() -> server(new TlsOptions(proof.key(), proof.certificate())))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("a PEM certificate and its private key");
    }
}
