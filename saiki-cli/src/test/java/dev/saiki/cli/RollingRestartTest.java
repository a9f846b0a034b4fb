package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two servers behind a balancer that never repeats a request and acts on readiness checks late, while the servers are
/// replaced one after the other.
class RollingRestartTest {

    private static final int CLIENTS = 4;

    @TempDir
    Path folder = Path.of("");

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<ServeProcess> servers = new CopyOnWriteArrayList<>();

    @Test
    void replacedServerAnswersAllRequestsOfALateBalancer() throws Exception {
        nothingIsRefused(1, Duration.ofSeconds(3), "8");
    }

    @Test
    @Tag("slow")
    void fiveReplacementsBehindABalancerThatIsTenSecondsLateRefuseNothing() throws Exception {
        nothingIsRefused(5, Duration.ofSeconds(10), "12");
    }

    private void nothingIsRefused(int replacements, Duration lag, String notice) throws Exception {
        Path model = Workbench.in(folder).model();
        servers.add(ServeProcess.start(model, "--notice-seconds", notice));
        servers.add(ServeProcess.start(model, "--notice-seconds", notice));
        Map<String, AtomicInteger> outcomes = new ConcurrentHashMap<>();
        try (Balancer balancer = new Balancer(lag);
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
                running.add(clients.submit(() -> askUntilTheEnd(balancer, outcomes)));
            }
            for (int i = 0; i < replacements; i++) {
                ServeProcess old = servers.getFirst();
                servers.add(ServeProcess.start(model, "--notice-seconds", notice));
                old.terminate();
                assertThat(old.saidUntilItsEnd()).noneMatch(line -> line.contains("cut off"));
                servers.remove(old);
                old.close();
                balancer.awaitKnown(servers.getLast());
            }
            balancer.ends = true;
            for (Future<?> client : running) {
                client.get();
            }
        } finally {
            for (ServeProcess server : servers) {
                server.close();
            }
        }
        assertThat(outcomes.keySet()).as("%s", outcomes).containsExactly("200");
    }

    private Void askUntilTheEnd(Balancer balancer, Map<String, AtomicInteger> outcomes) throws InterruptedException {
        HttpRequest.BodyPublisher body =
                BodyPublishers.ofString("{\"model\":\"small\",\"prompt\":\"the whale\",\"max_tokens\":5}");
        while (!balancer.ends) {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create(balancer.next().base() + "/completions"))
                    .header("Content-Type", "application/json")
                    .POST(body)
                    .build();
            String outcome;
            try {
                outcome = String.valueOf(
                        http.send(request, BodyHandlers.ofString()).statusCode());
            } catch (IOException e) {
                outcome = String.valueOf(e);
            }
            outcomes.computeIfAbsent(outcome, _ -> new AtomicInteger()).incrementAndGet();
        }
        return null;
    }

    /// A balancer that checks the readiness of all servers and sends requests by what it saw some time ago.
    private final class Balancer implements AutoCloseable {

        private final Duration lag;
        private final AtomicInteger turn = new AtomicInteger();
        private volatile List<ServeProcess> ready = List.copyOf(servers);
        private final Thread checks = Thread.ofVirtual().start(this::check);
        private volatile boolean ends;

        Balancer(Duration lag) {
            this.lag = lag;
        }

        private record Seen(long time, List<ServeProcess> ready) {}

        /// Returns the server for the next request.
        ServeProcess next() {
            List<ServeProcess> known = ready;
            return known.get(Math.floorMod(turn.getAndIncrement(), known.size()));
        }

        /// Waits until the balancer sends requests to a server.
        void awaitKnown(ServeProcess server) throws InterruptedException {
            while (!ready.contains(server)) {
                Thread.sleep(100);
            }
        }

        private void check() {
            Deque<Seen> history = new ArrayDeque<>();
            while (!Thread.currentThread().isInterrupted()) {
                history.add(new Seen(
                        System.nanoTime(),
                        servers.stream().filter(this::isReady).toList()));
                while (System.nanoTime() - history.peek().time() > lag.toNanos()) {
                    ready = history.poll().ready();
                }
                try {
                    Thread.sleep(200);
                } catch (InterruptedException e) {
                    return;
                }
            }
        }

        private boolean isReady(ServeProcess server) {
            try {
                HttpResponse<String> answer = http.send(
                        HttpRequest.newBuilder(URI.create(server.base()).resolve("/health/ready"))
                                .build(),
                        BodyHandlers.ofString());
                return answer.statusCode() == 200;
            } catch (IOException ended) {
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }

        @Override
        public void close() {
            checks.interrupt();
        }
    }
}
