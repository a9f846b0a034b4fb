package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.BreakerOptions;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.http.key.ApiKeys;
import dev.saiki.io.InputException;
import dev.saiki.server.audit.AuditLocation;
import dev.saiki.server.audit.AuditOptions;
import dev.saiki.server.audit.ModelVersion;
import dev.saiki.server.settings.ReloadOptions;
import dev.saiki.server.settings.ServerOptions;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import dev.saiki.text.tokenizer.BytePairTrainer;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Another checkpoint replaces the served one, and no answer is lost.
class ReloadTest {

    private static final String COMPLETIONS = "/v1/completions";
    private static final String ASK =
            "{\"prompt\":\"the whale\",\"temperature\":0,\"ignore_eos\":true,\"max_tokens\":24}";
    private static final int CLIENTS = 6;

    /// The time limit for events that do not occur if something is wrong.
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @TempDir
    private Path folder;

    private Path models;

    @BeforeEach
    void write() throws IOException {
        models = folder.resolve("models");
        model("a", 1, tensor -> tensor);
        model("b", 2, tensor -> tensor);
    }

    private void model(String name, long seed, UnaryOperator<StoredTensor> change) throws IOException {
        RandomCheckpoint.write(
                models.resolve(name),
                TinyModels.ofText(TestServer.TOKENIZER.vocabSize(), 65_536),
                seed,
                Manifest.untrained(),
                change);
        TestServer.TOKENIZER.save(models.resolve(name).resolve("tokenizer.json"));
    }

    private TestServer server(UnaryOperator<ServerOptions.Builder> change) {
        Engine engine = Engine.open(
                models.resolve("a"),
                EngineOptions.builder()
                        .threads(1)
                        .breaker(BreakerOptions.DEFAULT)
                        .build());
        return TestServer.of(
                engine, options -> change.apply(options.reload(new ReloadOptions(models.resolve("a"), true, false))));
    }

    private static TestServer.Answer reload(TestServer server, String name) {
        return server.post("/admin/reload", "{\"model\":\"" + name + "\"}");
    }

    private static String text(TestServer.Answer answer) {
        return answer.succeeds().get("choices").get(0).get("text").stringValue();
    }

    @Test
    void underLoadNoAnswerIsLostAndNoneIsOfTwoModels() throws InterruptedException {
        try (TestServer server = server(options -> options)) {
            String ofA = text(server.post(COMPLETIONS, ASK));
            reload(server, "b").succeeds();
            String ofB = text(server.post(COMPLETIONS, ASK));
            assertThat(ofB).isNotEqualTo(ofA);
            AtomicBoolean over = new AtomicBoolean();
            AtomicInteger asked = new AtomicInteger();
            Map<String, Integer> answers = new ConcurrentHashMap<>();
            List<Thread> clients = IntStream.range(0, CLIENTS)
                    .mapToObj(i -> Thread.ofPlatform().start(() -> {
                        while (!over.get()) {
                            asked.incrementAndGet();
                            TestServer.Answer answer = server.post(COMPLETIONS, ASK);
                            String what = answer.status() == 200 ? text(answer) : "status " + answer.status();
                            answers.merge(what, 1, Integer::sum);
                        }
                    }))
                    .toList();
            for (int round = 0; round < 8; round++) {
                int before = asked.get();
                TestServer.await(() -> asked.get() > before + CLIENTS);
                if (round % 4 == 3) {
                    server.post("/admin/rollback", "").succeeds();
                } else {
                    reload(server, round % 2 == 0 ? "a" : "b").succeeds();
                }
            }
            over.set(true);
            for (Thread client : clients) {
                client.join();
            }
            assertThat(answers.keySet()).containsExactlyInAnyOrder(ofA, ofB);
            assertThat(answers.values().stream().mapToInt(Integer::intValue).sum())
                    .as("all are answered")
                    .isEqualTo(asked.get())
                    .isGreaterThan(8 * CLIENTS);
            assertThat(server.series()).containsEntry("saiki_reloads_total{model=\"tiny\",result=\"done\"}", 7.0);
        }
    }

    /// Readers of metrics and changes of the model never wait for each other in a circle.
    @Test
    void theServerCanBeWatchedWhileItsModelChanges() {
        try (TestServer server = server(options -> options)) {
            reload(server, "b").succeeds();
            AtomicBoolean over = new AtomicBoolean();
            AtomicInteger looks = new AtomicInteger();
            List<CompletableFuture<Void>> watching = Stream.of("/metrics", "/router", "/slots", "/health")
                    .map(path -> CompletableFuture.runAsync(
                            () -> {
                                while (!over.get()) {
                                    assertThat(server.get(path).status()).isEqualTo(200);
                                    looks.incrementAndGet();
                                }
                            },
                            task -> Thread.ofPlatform().daemon().start(task)))
                    .toList();
            for (int change = 0; change < 200; change++) {
                CompletableFuture<TestServer.Answer> changed =
                        CompletableFuture.supplyAsync(() -> server.post("/admin/rollback", ""));
                assertThat(changed).succeedsWithin(PATIENCE).satisfies(TestServer.Answer::succeeds);
            }
            TestServer.await(() -> looks.get() > 200);
            over.set(true);
            assertThat(watching).allSatisfy(watch -> assertThat(watch).succeedsWithin(PATIENCE));
        }
    }

    @Test
    void aStreamThatHasBegunEndsWithTheModelItBeganWithAndThatOneIsThenClosed() throws IOException {
        try (TestServer server = server(options -> options)) {
            String longer = ASK.replace("24", "6000");
            String expected = text(server.post(COMPLETIONS, longer));
            HttpResponse<InputStream> stream = server.open(COMPLETIONS, longer.replace("}", ",\"stream\":true}"));
            TestServer.await(() -> server.engine().statistics().running() == 1);
            reload(server, "b").succeeds();
            reload(server, "b").succeeds();
            StringBuilder written = new StringBuilder();
            try (InputStream body = stream.body()) {
                new String(body.readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .filter(line -> line.startsWith("data: {"))
                        .forEach(line -> written.append(TestServer.parse(line.substring(6))
                                .get("choices")
                                .get(0)
                                .get("text")
                                .stringValue()));
            }
            assertThat(written).hasToString(expected);
            TestServer.await(() -> !server.engine().isRunning());
            server.post(COMPLETIONS, ASK).succeeds();
            server.get("/health/ready").succeeds();
        }
    }

    @Test
    void goingBackServesTheModelBeforeAndForwardAgain() {
        try (TestServer server = server(options -> options)) {
            server.post("/admin/rollback", "").isError(400, "invalid_request_error", "no previous model");
            String ofA = text(server.post(COMPLETIONS, ASK));
            assertThat(reload(server, "b").succeeds().get("folder").stringValue())
                    .isEqualTo("b");
            String ofB = text(server.post(COMPLETIONS, ASK));
            assertThat(server.post("/admin/rollback", "")
                            .succeeds()
                            .get("generation")
                            .intValue())
                    .isEqualTo(1);
            assertThat(text(server.post(COMPLETIONS, ASK))).isEqualTo(ofA);
            server.post("/admin/rollback", "").succeeds();
            assertThat(text(server.post(COMPLETIONS, ASK))).isEqualTo(ofB);
            assertThat(server.series().get("saiki_requests_running{model=\"tiny\"}"))
                    .isZero();
        }
    }

    @Test
    void recordsNameTheModelThatAnswered() {
        AuditOptions audit =
                AuditOptions.of(AuditLocation.parse(folder.resolve("audit.db").toString()));
        String versionOfA = version("a");
        String versionOfB = version("b");
        assertThat(versionOfA).isNotEqualTo(versionOfB);
        try (TestServer server = server(options -> options.audit(audit))) {
            text(server.post(COMPLETIONS, ASK));
            reload(server, "b").succeeds();
            text(server.post(COMPLETIONS, ASK));
            server.post("/admin/rollback", "").succeeds();
            text(server.post(COMPLETIONS, ASK));
            TestServer.await(
                    () -> server.get("/v1/audit").succeeds().get("data").size() == 3);
            assertThat(server.get("/v1/audit").succeeds().get("data").values().stream()
                            .map(record -> record.at("/model/version").stringValue()))
                    .containsExactly(versionOfA, versionOfB, versionOfA);
        }
    }

    private String version(String name) {
        return ModelVersion.of(TestServer.MODEL, CheckpointDirectory.open(models.resolve(name)))
                .version();
    }

    @Test
    void aCorruptCheckpointIsRefusedAndTheOldOneGoesOn() throws IOException {
        model("poisoned", 3, tensor -> {
            float[] values = tensor.toFloats();
            values[values.length - 1] = Float.NaN;
            return tensor.name().endsWith("norm.weight")
                    ? StoredTensor.ofFloats(tensor.name(), tensor.shape(), values)
                    : tensor;
        });
        model("poisoned-router", 3, tensor -> {
            float[] values = tensor.toFloats();
            Arrays.fill(values, Float.NaN);
            return tensor.name().startsWith("model.routers.2")
                    ? StoredTensor.ofFloats(tensor.name(), tensor.shape(), values)
                    : tensor;
        });
        model("cut-off", 3, tensor -> tensor);
        Path weights = models.resolve("cut-off").resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        Files.write(weights, Arrays.copyOf(bytes, bytes.length - 100));
        model("no-configuration", 3, tensor -> tensor);
        Files.delete(models.resolve("no-configuration").resolve("config.json"));
        model("no-tokenizer", 3, tensor -> tensor);
        Files.delete(models.resolve("no-tokenizer").resolve("tokenizer.json"));
        model("other-tokenizer", 3, tensor -> tensor);
        BytePairTrainer.train(
                        List.of("call me ishmael, call me ishmael, some years ago some years ago")
                                .iterator(),
                        BytePairTrainer.SMALLEST_VOCABULARY + 16)
                .save(models.resolve("other-tokenizer").resolve("tokenizer.json"));
        Files.writeString(models.resolve("a-file"), "x");
        try (TestServer server = server(options -> options)) {
            String ofA = text(server.post(COMPLETIONS, ASK));
            List<String> bad = List.of(
                    "poisoned",
                    "poisoned-router",
                    "cut-off",
                    "no-configuration",
                    "no-tokenizer",
                    "other-tokenizer",
                    "a-file",
                    "absent");
            for (String name : bad) {
                reload(server, name).isError(400, "invalid_request_error");
                assertThat(text(server.post(COMPLETIONS, ASK))).as(name).isEqualTo(ofA);
            }
            assertThat(server.series())
                    .containsEntry("saiki_reloads_total{model=\"tiny\",result=\"refused\"}", (double) bad.size())
                    .containsEntry("saiki_reloads_total{model=\"tiny\",result=\"done\"}", 0.0);
            server.post("/admin/rollback", "").isError(400, "invalid_request_error");
        }
    }

    @Test
    void noFolderElsewhereCanBeNamed() throws IOException {
        Path outside = folder.resolve("outside");
        RandomCheckpoint.write(outside, TinyModels.ofText(TestServer.TOKENIZER.vocabSize(), 64), 9);
        TestServer.TOKENIZER.save(outside.resolve("tokenizer.json"));
        Files.createSymbolicLink(models.resolve("link"), outside);
        try (TestServer server = server(options -> options)) {
            for (String name : List.of(
                    "../outside", outside.toString(), "link", "a/../../outside", ".", "..", "/", "", "\\u0000", "~")) {
                reload(server, name).isRefused("model", "a folder beside the one");
            }
            server.post("/admin/reload", "{\"model\":7}").isRefused("model", "a string");
            server.post("/admin/reload", "[]").isError(400, "invalid_request_error");
            server.post("/admin/reload", "").succeeds();
        }
    }

    @Test
    void adminPathsAreThereOnlyIfEnabledAndNeedAnOperatorsKeyIfThereAreKeys() {
        String key = "0123456789abcdef0123456789abcdef";
        String users = "fedcba9876543210fedcba9876543210";
        // printf %s "$KEY" | sha256sum
        ApiKeys keys = ApiKeys.parse(
                List.of(
                        "ishmael 3eb1bd439947eb762998e566ccc2e099c791118b2f40579cc4f7da2b5061b7f9 operator",
                        "queequeg 4ba68aa8767bde72e8c798ee82d1275291cea73e72ad74d35ecf48e41386eb82"),
                "keys");
        try (TestServer server = server(options -> options.apiKeys(keys))) {
            reload(server, "b").isError(401, "authentication_error");
            server.post("/admin/rollback", "").isError(401, "authentication_error");
            server.post("/admin/reload", "{\"model\":\"b\"}", "Authorization", "Bearer " + users)
                    .isError(403, "permission_error");
            server.post("/admin/reload", "{\"model\":\"b\"}", "Authorization", "Bearer " + key)
                    .succeeds();
        }
        try (TestServer server =
                server(options -> options.reload(new ReloadOptions(models.resolve("a"), false, false)))) {
            reload(server, "b").isError(404, "invalid_request_error");
            server.post("/admin/rollback", "").isError(404, "invalid_request_error");
            server.server().reload(Optional.of("b"));
            assertThat(server.series()).containsEntry("saiki_reloads_total{model=\"tiny\",result=\"done\"}", 1.0);
            assertThatThrownBy(() -> server.server().reload(Optional.of("absent")))
                    .isInstanceOf(InputException.class);
        }
    }

    @Test
    void whereAnEffortHasToBeCertifiedNoOtherCheckpointIsServed() {
        try (TestServer server =
                server(options -> options.reload(new ReloadOptions(models.resolve("a"), true, true)))) {
            reload(server, "b").isError(400, "invalid_request_error", "the model has no effort certificate");
            server.post(COMPLETIONS, ASK).succeeds();
        }
    }
}
