package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.testkit.Needs;
import dev.saiki.testkit.Program;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Three replicas behind nginx, and what they guarantee together. The figures are written to replicas.txt in
/// the module's build folder.
@Tag("slow")
@Needs(Program.NGINX)
class ReplicasTest {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Path FIGURES = Path.of("target", "replicas.txt");

    private static final String COMPLETIONS = "/v1/completions";
    private static final String COUNTED = "/v1/responses/input_tokens";

    private static final int CLIENTS = 8;
    private static final int CONVERSATIONS = 20;
    private static final int TURNS = 5;

    @TempDir
    private Path folder;

    private Replicas replicas;

    @BeforeEach
    void start() throws IOException {
        Workbench bench = Workbench.in(folder.resolve("bench"));
        Path model = folder.resolve("model");
        CommandRun.of(
                        "train",
                        "init",
                        "--recipe",
                        bench.recipe(),
                        "--set",
                        "tokenizer.file=" + bench.tokenizer(),
                        "model.max_position_embeddings=8192",
                        "--seed",
                        7,
                        "--out",
                        model)
                .succeeds();
        replicas = Replicas.of(folder, model);
    }

    @AfterEach
    void end() throws IOException {
        replicas.close();
    }

    @Test
    void aKeyMayAskForAsMuchOfAllTogetherAsOfOne() throws Exception {
        Map<String, Integer> upstreams = new ConcurrentHashMap<>();
        AtomicInteger answered = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        AtomicLong first = new AtomicLong(Long.MAX_VALUE);
        AtomicLong last = new AtomicLong(Long.MIN_VALUE);
        together(() -> {
            for (int i = 0; refused.get() < Replicas.BOUND / 4; i++) {
                HttpResponse<String> answer = replicas.send(
                        replicas.request(
                                COUNTED,
                                Replicas.BOUNDED,
                                Thread.currentThread().threadId() + "-" + i,
                                "{\"model\":\"small\",\"input\":\"a whale\"}"),
                        BodyHandlers.ofString());
                upstreams.merge(answer.headers().firstValue("X-Upstream").orElse("none"), 1, Integer::sum);
                switch (answer.statusCode()) {
                    case 200 -> {
                        answered.incrementAndGet();
                        first.accumulateAndGet(System.nanoTime(), Math::min);
                        last.accumulateAndGet(System.nanoTime(), Math::max);
                    }
                    case 429 -> refused.incrementAndGet();
                    default -> throw new AssertionError(answer.statusCode() + ": " + answer.body());
                }
            }
            return 0;
        });
        // Between the first and the last answer, the key's bucket was emptied and refilled at a constant rate.
        double minutes = (last.get() - first.get()) / 60e9;
        double expected = Replicas.BOUND * (1 + minutes);
        note(
                "limit",
                "%d answered in %.1f s, %.0f allowed, %d refused, of replicas %s"
                        .formatted(answered.get(), minutes * 60, expected, refused.get(), upstreams.values()));
        assertThat(upstreams).hasSize(3);
        assertThat((double) answered.get()).isCloseTo(expected, within(0.02 * expected));
        replicas.bound(1_000_000);
        assertThat(replicas.send(
                                replicas.request(
                                        COUNTED, Replicas.BOUNDED, "a", "{\"model\":\"small\",\"input\":\"a\"}"),
                                BodyHandlers.ofString())
                        .statusCode())
                .as("with the keys that were read again")
                .isEqualTo(200);
    }

    @Test
    void modelsAndServersAreChangedUnderLoadAndNobodyIsRefused() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        Map<Integer, Integer> statuses = new ConcurrentHashMap<>();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> all = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
                boolean streams = client % 2 == 0;
                String name = "client " + client;
                all.add(clients.submit(() -> {
                    for (int i = 0; !over.get(); i++) {
                        HttpResponse<String> answer = replicas.send(
                                replicas.request(
                                        COMPLETIONS, Replicas.OPERATOR, name + i, body("the whale", 12, streams)),
                                BodyHandlers.ofString());
                        statuses.merge(answer.statusCode(), 1, Integer::sum);
                        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                        assertThat(answer.body()).contains(streams ? "data: [DONE]" : "\"usage\"");
                    }
                    return 0;
                }));
            }
            replicas.reloadAll();
            int afterReload = statuses.getOrDefault(200, 0);
            replicas.restartAll();
            over.set(true);
            for (Future<Integer> one : all) {
                one.get();
            }
            note(
                    "rolling",
                    "%d answers while models were opened again, %d in all with a restart of each: %s"
                            .formatted(afterReload, statuses.getOrDefault(200, 0), statuses));
        }
        assertThat(statuses.keySet()).containsExactly(200);
        assertThat(statuses.get(200)).isGreaterThan(50);
    }

    @Test
    void aReplicaThatIsKilledTakesOnlyItsRunningAnswersWithIt() throws Exception {
        List<HttpResponse<InputStream>> running = new ArrayList<>();
        for (int i = 0; i < 3 * CLIENTS; i++) {
            running.add(replicas.send(
                    replicas.request(COMPLETIONS, Replicas.OPERATOR, "running " + i, body("the whale", 4000, true)),
                    BodyHandlers.ofInputStream()));
        }
        String killed = replicas.killOne();
        Map<Boolean, Integer> lost = new TreeMap<>();
        for (HttpResponse<InputStream> answer : running) {
            boolean isWhole = isWhole(answer);
            boolean wasThere =
                    killed.equals(answer.headers().firstValue("X-Upstream").orElse(""));
            if (!isWhole) {
                assertThat(wasThere).as("of another replica").isTrue();
            }
            lost.merge(!isWhole, 1, Integer::sum);
        }
        Map<Integer, Integer> later = new TreeMap<>();
        for (int i = 0; i < 60; i++) {
            HttpResponse<String> answer = replicas.send(
                    replicas.request(COMPLETIONS, Replicas.OPERATOR, "later " + i, body("the whale", 4, false)),
                    BodyHandlers.ofString());
            later.merge(answer.statusCode(), 1, Integer::sum);
        }
        note(
                "killed",
                "of %d running answers %d were lost, all of the killed replica; 60 later ones: %s"
                        .formatted(running.size(), lost.getOrDefault(true, 0), later));
        assertThat(lost.get(true)).isPositive();
        assertThat(lost.get(false)).isPositive();
        assertThat(later).isEqualTo(Map.of(200, 60));
    }

    @Test
    void aConversationStaysWhereItsBeginningIsKnown() throws Exception {
        double with = hitRate("stays ");
        replicas.goRound();
        double without = hitRate("goes round ");
        note(
                "affinity",
                String.format(
                        Locale.ROOT,
                        "prefix cache: %.1f %% of prompt tokens with affinity, %.1f %% without",
                        100 * with,
                        100 * without));
        assertThat(with).isGreaterThan(1.3 * without);
    }

    /// The share of prompt tokens found in a prefix cache, over conversations whose turns alternate.
    private double hitRate(String name) throws IOException, InterruptedException {
        Map<Integer, String> texts = new TreeMap<>();
        long prompt = 0;
        long cached = 0;
        for (int turn = 0; turn < TURNS; turn++) {
            for (int conversation = 0; conversation < CONVERSATIONS; conversation++) {
                String said = name + conversation + " in turn " + turn + " saw " + "a whale of the sea ".repeat(6);
                String text = texts.getOrDefault(conversation, "") + said;
                texts.put(conversation, text);
                HttpResponse<String> answer = replicas.send(
                        replicas.request(COMPLETIONS, Replicas.OPERATOR, name + conversation, body(text, 8, false)),
                        BodyHandlers.ofString());
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                JsonNode usage = JSON.readTree(answer.body()).path("usage");
                prompt += usage.path("prompt_tokens").asLong(0);
                cached += usage.path("prompt_tokens_details")
                        .path("cached_tokens")
                        .asLong(0);
            }
        }
        return (double) cached / prompt;
    }

    private static String body(String prompt, int tokens, boolean streams) {
        return "{\"model\":\"small\",\"prompt\":\"" + prompt + "\",\"ignore_eos\":true,\"max_tokens\":" + tokens
                + ",\"stream\":" + streams + "}";
    }

    private static boolean isWhole(HttpResponse<InputStream> answer) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
            return lines.lines().anyMatch(line -> line.equals("data: [DONE]"));
        } catch (IOException | UncheckedIOException cutOff) {
            return false;
        }
    }

    private static void together(Callable<Integer> work) throws Exception {
        try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            List<Future<Integer>> all = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
                all.add(clients.submit(work));
            }
            for (Future<Integer> one : all) {
                one.get();
            }
        }
    }

    private static void note(String what, String figures) throws IOException {
        Files.writeString(FIGURES, what + ": " + figures + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
