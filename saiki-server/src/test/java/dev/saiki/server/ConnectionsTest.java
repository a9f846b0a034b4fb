package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.http.server.ConnectionLimits;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConnectionsTest {

    private static final int MOST = 2;

    private static final byte[] REQUEST =
            RawClient.request("/v1/completions", "{\"prompt\":\"a\",\"max_tokens\":2,\"ignore_eos\":true}");

    @TempDir
    private static Path folder;

    private static void isServed(RawClient client) {
        assertThat(client.send(REQUEST).answer()).startsWith("HTTP/1.1 200");
    }

    /// No client inside the limit disconnects meanwhile, so the one outside is not answered, however long it
    /// waits.
    @Test
    void thoseBeyondTheBoundWaitUntilOneInsideLeaves() {
        try (TestServer server = TestServer.in(
                        folder,
                        EngineOptions.builder().threads(1).build(),
                        options -> options.connections(ConnectionLimits.DEFAULT.withMost(MOST)));
                RawClient first = new RawClient(server.port());
                RawClient second = new RawClient(server.port())) {
            isServed(first);
            isServed(second);
            try (RawClient third = new RawClient(server.port()).send(REQUEST);
                    RawClient fourth = new RawClient(server.port()).send(REQUEST)) {
                for (int times = 0; times < 20; times++) {
                    isServed(first);
                    isServed(second);
                }
                assertThat(third.hasAnswer()).isFalse();
                assertThat(fourth.hasAnswer()).isFalse();
                first.leave();
                assertThat(third.answer()).startsWith("HTTP/1.1 200");
                isServed(second);
                isServed(third);
                assertThat(fourth.hasAnswer()).isFalse();
                second.reset();
                assertThat(fourth.answer()).startsWith("HTTP/1.1 200");
                isServed(third);
            }
        }
    }

    @Test
    void aServerWithoutAPlaceLeftCanBeClosed() {
        try (TestServer server = TestServer.in(
                        folder,
                        EngineOptions.builder().threads(1).build(),
                        options -> options.connections(ConnectionLimits.DEFAULT.withMost(1)));
                RawClient inside = new RawClient(server.port());
                RawClient outside = new RawClient(server.port())) {
            isServed(inside);
            outside.send(REQUEST);
            server.server().close();
            assertThat(inside.isClosedByServer()).isTrue();
            assertThat(outside.isClosedByServer()).isTrue();
        }
    }

    /// The header never ends, but bytes keep arriving, so the limit on silence does not apply.
    @Test
    void aHeaderThatDoesNotEndIsCutOffAndABodyIsNot() throws InterruptedException {
        Duration head = Duration.ofMillis(600);
        try (TestServer server = TestServer.in(
                        folder,
                        EngineOptions.builder().threads(1).build(),
                        options -> options.connections(ConnectionLimits.DEFAULT.withHead(head)));
                RawClient half = new RawClient(server.port());
                RawClient slow = new RawClient(server.port())) {
            isServed(slow);
            half.send("GET /health HTTP/1.1\r\nHost: localhost\r\nX-Half".getBytes(StandardCharsets.US_ASCII));
            slow.send(REQUEST, 0, REQUEST.length - 1);
            Thread.sleep(head.multipliedBy(2));
            slow.send(REQUEST, REQUEST.length - 1, REQUEST.length);
            assertThat(slow.answer()).startsWith("HTTP/1.1 200");
            assertThat(half.isClosedByServer()).isTrue();
        }
    }

    @Test
    void anUploadRefusedBeforeItsEndMayEndSlowly() throws InterruptedException {
        Duration head = Duration.ofMillis(600);
        byte[] refused = RawClient.request("/nowhere", "not read");
        try (TestServer server = TestServer.in(
                        folder,
                        EngineOptions.builder().threads(1).build(),
                        options -> options.connections(ConnectionLimits.DEFAULT.withHead(head)));
                RawClient slow = new RawClient(server.port())) {
            slow.send(refused, 0, refused.length - 1);
            assertThat(slow.answer()).startsWith("HTTP/1.1 404");
            Thread.sleep(head.multipliedBy(2));
            slow.send(refused, refused.length - 1, refused.length);
            isServed(slow);
        }
    }
}
