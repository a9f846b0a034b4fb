package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A server that ends while clients keep their connections. A client cannot distinguish a lost request from one
/// whose answer went into a closed connection, so no request may be lost.
class EndingTest {

    private static final int CLIENTS = 8;
    private static final byte[] REQUEST =
            RawClient.request("/v1/completions", "{\"prompt\":\"a\",\"max_tokens\":2,\"ignore_eos\":true}");

    @TempDir
    private Path folder;

    private TestServer server;

    @BeforeEach
    void start() {
        server = TestServer.in(folder);
    }

    /// The last answer on a connection: the one that says so, or none.
    private static String lastAnswer(int port, AtomicInteger answered) {
        try (RawClient client = new RawClient(port)) {
            String answer;
            do {
                answer = client.send(REQUEST).answer();
                answered.incrementAndGet();
            } while (!answer.isEmpty() && !saysThatItIsTheLast(answer));
            assertThat(client.isClosedByServer()).isTrue();
            return answer;
        }
    }

    private static boolean saysThatItIsTheLast(String answer) {
        return answer.toLowerCase(Locale.ROOT).contains("\r\nconnection: close\r\n");
    }

    @Test
    void everyRequestOnAnOpenConnectionIsAnsweredUntilItIsToldOfTheEnd()
            throws ExecutionException, InterruptedException {
        AtomicInteger answered = new AtomicInteger();
        try (TestServer _ = server;
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> last = Stream.generate(() -> clients.submit(() -> lastAnswer(server.port(), answered)))
                    .limit(CLIENTS)
                    .toList();
            TestServer.await(() -> answered.get() > 20 * CLIENTS);
            assertThat(server.server().drain()).isTrue();
            server.server().close();
            for (Future<String> one : last) {
                assertThat(one.get()).matches("(?s)HTTP/1.1 (200|503) .*");
            }
        }
    }

    @Test
    void serverThatAnnouncesItsEndIsNotReadyButStillAnswers() {
        try (TestServer _ = server;
                RawClient client = new RawClient(server.port())) {
            assertThat(server.get("/health/ready").status()).isEqualTo(200);
            server.server().announceEnd();
            assertThat(server.get("/health/ready").status()).isEqualTo(503);
            String answer = client.send(REQUEST).answer();
            assertThat(answer).startsWith("HTTP/1.1 200");
            assertThat(saysThatItIsTheLast(answer)).isFalse();
        }
    }

    @Test
    void aClientThatWasIdleIsRefusedAndToldOfTheEnd() throws ExecutionException, InterruptedException {
        try (TestServer _ = server;
                ExecutorService other = Executors.newVirtualThreadPerTaskExecutor();
                RawClient idle = new RawClient(server.port())) {
            assertThat(idle.send(REQUEST).answer()).startsWith("HTTP/1.1 200");
            Future<Boolean> drained = other.submit(() -> server.server().drain());
            try (RawClient late = new RawClient(server.port())) {
                TestServer.await(() -> saysThatItIsTheLast(late.send(REQUEST).answer()));
            }
            String answer = idle.send(REQUEST).answer();
            assertThat(answer).startsWith("HTTP/1.1 503").contains("\"shutting_down\"");
            assertThat(saysThatItIsTheLast(answer)).isTrue();
            assertThat(idle.isClosedByServer()).isTrue();
            assertThat(drained.get()).isTrue();
        }
    }

    @Test
    void whoIsConnectedAndSilentHoldsTheEndUpForASecondAtMost() {
        try (TestServer _ = server;
                RawClient silent = new RawClient(server.port())) {
            assertThat(silent.send(REQUEST).answer()).startsWith("HTTP/1.1 200");
            long start = System.nanoTime();
            assertThat(server.server().drain()).isTrue();
            assertThat((System.nanoTime() - start) / 1e9).isBetween(0.9, 30.0);
            server.server().close();
            assertThat(silent.isClosedByServer()).isTrue();
        }
    }
}
