package dev.saiki.rollout.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.rollout.plan.ModelEndpoint;
import dev.saiki.testkit.TestProcess;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecuredUpstreamTest {

    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    private Path folder;

    @Test
    void aSideIsAskedOverTlsAndItsConnectionKept() throws Exception {
        KeyStore own = certificate("ip:127.0.0.1");
        try (Upstream upstream = new Upstream(trusting(own)::getSocketFactory);
                RawEndpoint side = secured(own)) {
            assertThat(ask(upstream, side)).isEqualTo("ok");
            assertThat(ask(upstream, side)).isEqualTo("ok");
            assertThat(side.connections()).isEqualTo(1);
        }
    }

    @Test
    void aSideWhoseCertificateIsOfAnotherHostIsNotAsked() throws Exception {
        KeyStore others = certificate("ip:127.0.0.2");
        try (Upstream upstream = new Upstream(trusting(others)::getSocketFactory);
                RawEndpoint side = secured(others)) {
            assertThatThrownBy(() -> ask(upstream, side)).hasMessage("cannot connect");
            assertThat(side.requests()).isZero();
        }
    }

    @Test
    void aSideWhoseCertificateNobodyKnowsIsNotAsked() throws Exception {
        try (Upstream upstream = new Upstream();
                RawEndpoint side = secured(certificate("ip:127.0.0.1"))) {
            assertThatThrownBy(() -> ask(upstream, side)).hasMessage("cannot connect");
            assertThat(side.requests()).isZero();
        }
    }

    private static String ask(Upstream upstream, RawEndpoint endpoint) throws Exception {
        ModelEndpoint side = new ModelEndpoint(
                endpoint.url(),
                "m",
                Optional.empty(),
                Duration.ofSeconds(20),
                Duration.ofSeconds(20),
                Duration.ofSeconds(20));
        UpstreamRequest request = new UpstreamRequest("GET", side.at("/v1/models", ""), List.of(), new byte[0]);
        try (UpstreamAnswer answer = upstream.ask(request, side, false, new Cancellation())) {
            return RawEndpoint.text(answer);
        }
    }

    private static RawEndpoint secured(KeyStore store) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return RawEndpoint.start(context.getServerSocketFactory(), "https", (_, output) -> {
            output.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.US_ASCII));
            return true;
        });
    }

    private static SSLContext trusting(KeyStore store) throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        trusted.setCertificateEntry("side", store.getCertificate("side"));
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }

    /// A certificate and its key, made with the JDK's own tool.
    private KeyStore certificate(String name) throws Exception {
        Path file = folder.resolve("side.p12");
        Path tool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        String arguments = "-genkeypair -alias side -keyalg EC -dname CN=side -ext san=" + name
                + " -validity 2 -storetype PKCS12 -storepass " + new String(PASSWORD) + " -keystore " + file;
        TestProcess.Ended ended = TestProcess.run(Duration.ofMinutes(1), List.of((tool + " " + arguments).split(" ")));
        assertThat(ended.exitCode()).as(ended.output()).isZero();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream input = Files.newInputStream(file)) {
            store.load(input, PASSWORD);
        }
        return store;
    }
}
