package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.engine.settings.EngineOptions;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.core.JacksonException;

/// Hostile requests. None may break the server, reveal its internals, or leave anything behind; valid requests
/// are answered as before.
class FuzzTest {

    private static final long SEED = 20261125;
    private static final int CLIENTS = 4;
    private static final int CONTEXT = 64;
    private static final String USUAL =
            "{\"prompt\":\"the sea\",\"max_tokens\":5,\"temperature\":0,\"ignore_eos\":true}";

    @TempDir
    private static Path folder;

    private static TestServer server;
    private static String usual;

    @BeforeAll
    static void start() {
        server = TestServer.in(
                folder, CONTEXT, EngineOptions.builder().threads(1).build(), options -> options);
        usual = text();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String text() {
        return server.post("/v1/completions", USUAL)
                .succeeds()
                .get("choices")
                .get(0)
                .get("text")
                .stringValue();
    }

    @Test
    void tenThousandHostileRequestsBreakNothing() {
        fuzz(10_000);
    }

    @Test
    @Tag("slow")
    void aHundredThousandHostileRequestsBreakNothing() {
        fuzz(100_000);
    }

    private static void fuzz(int requests) {
        Map<Integer, Integer> statuses = new TreeMap<>();
        Queue<String> problems = new ConcurrentLinkedQueue<>();
        List<Future<Map<Integer, Integer>>> all = new ArrayList<>();
        try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            for (int client = 0; client < CLIENTS; client++) {
                long seed = SEED + client;
                all.add(clients.submit(() -> fuzz(seed, requests / CLIENTS, problems)));
            }
        }
        all.forEach(one -> one.resultNow().forEach((status, count) -> statuses.merge(status, count, Integer::sum)));
        assertThat(problems).as("%d problems", problems.size()).isEmpty();
        assertThat(statuses.keySet().stream().max(Comparator.naturalOrder()))
                .as(statuses.toString())
                .hasValueSatisfying(worst -> assertThat(worst).isLessThan(500));
        // Both kinds occur: refused requests, and requests that reach the engine.
        assertThat(statuses).containsKeys(200, 400, 404);
        TestServer.await(() -> server.engine().sequences().isEmpty());
        assertThat(server.engine().statistics().cache().pagesInUse()).isZero();
        assertThat(text()).isEqualTo(usual);
    }

    /// One client, which keeps its connection as long as the server does.
    private static Map<Integer, Integer> fuzz(long seed, int requests, Queue<String> problems) {
        HostileRequests hostile = new HostileRequests(seed, TestServer.TOKENIZER.vocabSize());
        Map<Integer, Integer> statuses = new TreeMap<>();
        RawClient client = new RawClient(server.port());
        try {
            for (int number = 0; number < requests; number++) {
                HostileRequests.Request request = hostile.next();
                if (!holds(client, request, "seed " + seed + ", request " + number, statuses, problems)) {
                    client.leave();
                    client = new RawClient(server.port());
                }
            }
        } finally {
            client.leave();
        }
        return statuses;
    }

    /// Sends a request, checks its answer, and returns whether the connection stays open.
    private static boolean holds(
            RawClient client,
            HostileRequests.Request request,
            String which,
            Map<Integer, Integer> statuses,
            Queue<String> problems) {
        try {
            return check(which, request, exchange(client, request), statuses);
        } catch (AssertionError problem) {
            problems.add(which + ": " + request.shown() + "\n" + problem.getMessage());
            return false;
        }
    }

    /// A server that stops reading may reset the connection before its answer is read.
    private static String exchange(RawClient client, HostileRequests.Request request) {
        try {
            client.send(request.bytes());
            if (!request.complete()) {
                client.closeOneDirection();
            }
            return client.answer();
        } catch (UncheckedIOException reset) {
            return "";
        }
    }

    /// Checks an answer, and returns whether the connection stays open.
    private static boolean check(
            String which, HostileRequests.Request request, String answer, Map<Integer, Integer> statuses) {
        if (answer.isEmpty()) {
            assertThat(request.complete() && !request.mayClose())
                    .as("no answer")
                    .isFalse();
            statuses.merge(0, 1, Integer::sum);
            return false;
        }
        assertThat(answer).as(which).startsWith("HTTP/1.1 ");
        int status = Integer.parseInt(answer.substring(9, 12));
        statuses.merge(status, 1, Integer::sum);
        assertThat(status).as(answer).isLessThan(500);
        String head = answer.substring(0, answer.indexOf("\r\n\r\n") + 4);
        String body = answer.substring(head.length());
        assertThat(head).as(which).doesNotContain("Injected");
        assertThat(answer).as(which).doesNotContain("dev.saiki.", "tools.jackson", "java.lang", "\tat ", "root:");
        if (status >= 400) {
            try {
                assertThat(TestServer.parse(body).path("error").path("message").isString())
                        .as(which)
                        .isTrue();
            } catch (JacksonException e) {
                throw new AssertionError("no error object: " + answer, e);
            }
        }
        return request.complete() && !request.mayClose() && status != 413 && !head.contains("close");
    }
}
