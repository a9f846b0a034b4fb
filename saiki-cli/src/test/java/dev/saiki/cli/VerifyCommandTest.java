package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// An imported model agrees with PyTorch's results and with a server of the same model; a model with changed
/// weights does not.
class VerifyCommandTest {

    private static final Path STORIES = Path.of("..", "golden", "stories260k");
    private static final Path LOGITS = STORIES.resolve("reference.jsonl");
    private static final Path TOP = STORIES.resolve("reference-top.jsonl");
    private static final String CHANGED = "model.layers.2.mlp.up_proj.weight";

    @TempDir
    private static Path folder = Path.of("");

    private static Path model = Path.of("");

    @BeforeAll
    static void bringIn() {
        model = folder.resolve("stories");
        CommandRun.of("import", STORIES.resolve("checkpoint"), "--out", model).succeeds();
    }

    /// The model with one tensor changed.
    private static Path changed(String name, UnaryOperator<float[]> change) throws IOException {
        CheckpointDirectory before = CheckpointDirectory.open(model);
        List<StoredTensor> tensors = before.tensors().values().stream()
                .map(tensor -> tensor.name().equals(CHANGED)
                        ? StoredTensor.ofFloats(tensor.name(), tensor.shape(), change.apply(tensor.toFloats()))
                        : tensor)
                .toList();
        SequencedMap<String, byte[]> files = new LinkedHashMap<>();
        files.put("tokenizer.json", Files.readAllBytes(before.tokenizer()));
        Path out = folder.resolve(name);
        CheckpointDirectory.write(out, before.config(), tensors, files, Manifest.untrained());
        return out;
    }

    private static float[] scaled(float[] numbers) {
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] *= 1.02f;
        }
        return numbers;
    }

    private static float[] withoutNumber(float[] numbers) {
        numbers[17] = Float.NaN;
        return numbers;
    }

    @ParameterizedTest
    @CsvSource({"torch, float32", "cpu, float32", "torch, bfloat16", "cpu, bfloat16", "cpu, int8"})
    void itComputesWhatPyTorchComputed(String engine, String weights) {
        for (Path reference : List.of(LOGITS, TOP)) {
            JsonNode seen = CommandRun.of(
                            "verify",
                            "--model",
                            model,
                            "--against",
                            reference,
                            "--engine",
                            engine,
                            "--weights",
                            weights,
                            "--json")
                    .succeeds()
                    .json();
            assertThat(seen.path("agreed").booleanValue()).isTrue();
            assertThat(seen.path("disagreements").size()).isZero();
            assertThat(seen.at("/reference/kind").stringValue()).isEqualTo("file");
            assertThat(seen.at("/reference/model").stringValue()).isEqualTo("stories260K");
            assertThat(seen.at("/statistics/not_finite").longValue()).isZero();
            assertThat(seen.at("/statistics/prompt_ids/other").intValue()).isZero();
            assertThat(seen.at("/statistics/prompt_ids/equal").intValue())
                    .isEqualTo(seen.at("/statistics/prompts").intValue());
            assertThat(seen.at("/statistics/positions").longValue()).isGreaterThan(30);
            assertThat(seen.at("/statistics/likeliest/equal").longValue())
                    .isEqualTo(seen.at("/statistics/likeliest/clear").longValue());
            if (weights.equals("float32")) {
                assertThat(seen.at("/statistics/differences/largest").doubleValue())
                        .isBetween(Double.MIN_VALUE, 1e-4);
                assertThat(seen.at("/statistics/greedy/equal").longValue())
                        .isEqualTo(seen.at("/statistics/greedy/tokens").longValue())
                        .isPositive();
            }
        }
        JsonNode kept = Manifest.read(model.resolve("manifest.json")).toJson().path("verifications");
        assertThat(kept.valueStream()
                        .filter(one -> one.path("engine").stringValue("").equals(engine))
                        .filter(one -> one.path("weights").stringValue("").equals(weights))
                        .count())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"torch", "cpu"})
    void oneChangedTensorIsCaught(String engine) throws IOException {
        Path broken = changed("broken-" + engine, VerifyCommandTest::scaled);
        CommandRun run = CommandRun.of("verify", "--model", broken, "--against", LOGITS, "--engine", engine);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
        assertThat(run.out())
                .contains("verdict     NOT agreed within 0.00100", "the largest difference is", "prompt ", "position ");
        assertThat(CommandRun.of("describe", "--model", broken).succeeds().out())
                .contains("verified    NOT agreed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"torch", "cpu"})
    void aWeightThatIsNoNumberIsCaught(String engine) throws IOException {
        Path broken = changed("nan-" + engine, VerifyCommandTest::withoutNumber);
        for (Path reference : List.of(LOGITS, TOP)) {
            CommandRun run = CommandRun.of("verify", "--model", broken, "--against", reference, "--engine", engine);
            assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
            assertThat(run.out()).contains("the model's logits are not finite at ");
        }
    }

    @Test
    void describeTellsTheSourceAndWhatHolds() throws IOException {
        Path verified = folder.resolve("verified");
        CommandRun.of("import", model, "--out", verified).succeeds();
        CommandRun.of("verify", "--model", verified, "--against", TOP, "--engine", "cpu")
                .succeeds();
        JsonNode known = CommandRun.of("describe", "--model", verified, "--json")
                .succeeds()
                .json();
        assertThat(known.at("/imported/format").stringValue()).isEqualTo("Hugging Face");
        assertThat(known.at("/imported/files")
                        .valueStream()
                        .map(file -> file.path("name").stringValue()))
                .containsExactly("config.json", "model.safetensors", "tokenizer.json", "generation_config.json");
        assertThat(known.at("/imported/files/1/sha256").stringValue()).matches("[0-9a-f]{64}");
        assertThat(known.at("/verifications/0/valid").booleanValue()).isTrue();
        assertThat(CommandRun.of("describe", "--model", model).succeeds().out())
                .contains(
                        "imported    Hugging Face llama, F32, by Saiki ",
                        "model.safetensors, 1020.5 KiB, sha256 ",
                        "tokenizer.json");

        Files.copy(
                changed("other", VerifyCommandTest::scaled).resolve("model.safetensors"),
                verified.resolve("model.safetensors"),
                StandardCopyOption.REPLACE_EXISTING);
        assertThat(CommandRun.of("describe", "--model", verified, "--json")
                        .succeeds()
                        .json()
                        .at("/verifications/0/valid")
                        .booleanValue(true))
                .isFalse();
        assertThat(CommandRun.of("describe", "--model", verified).succeeds().out())
                .contains("verified    void, since the model has changed: agreed within 0.00100, cpu float32 against");
    }

    @Test
    @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void itComputesWhatAServerOfItComputes() throws IOException, InterruptedException {
        Path served = folder.resolve("served");
        CommandRun.of("import", model, "--out", served).succeeds();
        CommandRun.of("verify", "--model", served, "--against", TOP).succeeds();
        try (ServeProcess server = ServeProcess.start(served);
                HttpClient client = HttpClient.newHttpClient()) {
            for (String engine : List.of("torch", "cpu")) {
                JsonNode seen = CommandRun.of(
                                "verify",
                                "--model",
                                model,
                                "--against",
                                server.base(),
                                "--reference-model",
                                "small",
                                "--engine",
                                engine,
                                "--json")
                        .succeeds()
                        .json();
                assertThat(seen.at("/reference/kind").stringValue()).isEqualTo("endpoint");
                assertThat(seen.at("/reference/tool").stringValue()).startsWith("saiki-");
                assertThat(seen.at("/statistics/prompts").intValue()).isEqualTo(10);
                assertThat(seen.at("/statistics/prompt_ids/equal").intValue()).isEqualTo(10);
                assertThat(seen.at("/statistics/positions").longValue()).isGreaterThan(300);
                assertThat(seen.at("/statistics/greedy/equal_texts").intValue()).isPositive();
            }
            CommandRun broken = CommandRun.of(
                    "verify",
                    "--model",
                    changed("unlike", VerifyCommandTest::scaled),
                    "--against",
                    server.base(),
                    "--engine",
                    "cpu");
            assertThat(broken.exitCode()).as(broken.err()).isEqualTo(1);

            HttpRequest version = HttpRequest.newBuilder(
                            URI.create(server.base().replace("/v1", "/version")))
                    .build();
            JsonNode told = JsonMapper.shared()
                    .readTree(client.send(version, HttpResponse.BodyHandlers.ofString())
                            .body());
            assertThat(told.at("/model/name").stringValue()).isEqualTo("small");
            assertThat(told.at("/model/imported/format").stringValue()).isEqualTo("Hugging Face");
            assertThat(told.at("/model/verifications/0/agreed").booleanValue()).isTrue();
            assertThat(told.at("/model/verifications/0/valid").booleanValue()).isTrue();
        }
    }

    @Test
    void wrongUseIsRefused() throws IOException {
        Path prompts = Files.writeString(folder.resolve("prompts"), "\n\n");
        Path notAReference = Files.writeString(folder.resolve("not.jsonl"), "{\"ids\": [1]}\n");
        verify(folder.resolve("nowhere.jsonl")).isRefused("nowhere.jsonl: no such file", "--against takes");
        verify(notAReference).isRefused("not.jsonl: ids is not a known key");
        verify(LOGITS, "--weights", "int8").isRefused("--weights int8 needs --engine cpu");
        verify(LOGITS, "--tolerance", "-1").isRefused("--tolerance must be", "got -1.0");
        verify(LOGITS, "--tokens", "0").isRefused("--tokens must be from 1 to 1000, got 0");
        verify(LOGITS, "--api-key", "x").isRefused("--api-key are for a URL");
        verify("http://127.0.0.1:1/v1").isRefused("http://127.0.0.1:1/v1/models: cannot connect");
        verify("http://127.0.0.1:1/v1", "--reference-model", "x", "--prompts", prompts)
                .isRefused("the number of texts must be from 1 to 1000, got 0");
        verify("http://[", "--reference-model", "x").isRefused("--against must be a file or a URL");
    }

    private static CommandRun verify(Object against, Object... options) {
        Object[] words = new Object[options.length + 5];
        System.arraycopy(new Object[] {"verify", "--model", model, "--against", against}, 0, words, 0, 5);
        System.arraycopy(options, 0, words, 5, options.length);
        return CommandRun.of(words);
    }
}
