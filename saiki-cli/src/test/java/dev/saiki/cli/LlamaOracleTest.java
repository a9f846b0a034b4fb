package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.TeacherForcedScorer;
import dev.saiki.testkit.TestProcess;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A comparison of models with llama.cpp, in both directions: it reads what was exported, and its files are read
/// here. Runs with `-Pllama`, where LLAMA_ORACLE names the program that `saiki-cli/src/test/llama/build.sh` makes.
@Tag("llama")
class LlamaOracleTest {

    private static final int POSITIONS = 128;
    private static final int VOCABULARY = 96;
    private static final double CLOSE = 1e-3;
    private static final Path STORIES = Path.of("..", "golden", "stories260k");

    @TempDir
    private Path folder = Path.of("");

    private static void ask(Object... words) {
        String program = Optional.ofNullable(System.getenv("LLAMA_ORACLE"))
                .orElseThrow(() -> new IllegalStateException(
                        "LLAMA_ORACLE must name the program that saiki-cli/src/test/llama/build.sh makes"));
        List<String> command = Stream.concat(
                        Stream.of(program), Arrays.stream(words).map(String::valueOf))
                .toList();
        try {
            TestProcess.Ended oracle = TestProcess.run(Duration.ofMinutes(2), command);
            assertThat(oracle.exitCode()).as("%s%n%s", command, oracle.output()).isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static float[] floats(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        float[] numbers = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(numbers);
        return numbers;
    }

    private static void writeIds(Path file, int[] ids) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(ids.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(ids);
        Files.write(file, bytes.array());
    }

    private static ObjectNode plain(String modelType) {
        ObjectNode json = JsonMapper.shared().createObjectNode();
        json.put("model_type", modelType);
        json.put("hidden_size", 64);
        json.put("intermediate_size", 96);
        json.put("num_hidden_layers", 5);
        json.put("num_attention_heads", 4);
        json.put("num_key_value_heads", 2);
        json.put("head_dim", 16);
        json.put("vocab_size", VOCABULARY);
        json.put("max_position_embeddings", 256);
        json.put("rms_norm_eps", 1e-5);
        json.put("rope_theta", 10_000.0);
        json.put("tie_word_embeddings", false);
        json.putNull("sliding_window");
        return json;
    }

    private static ObjectNode scaled(ObjectNode json, String type, double factor) {
        ObjectNode block = json.putObject("rope_scaling").put("rope_type", type).put("factor", factor);
        if (!type.equals("linear")) {
            block.put("original_max_position_embeddings", 64);
        }
        if (type.equals("llama3")) {
            block.put("low_freq_factor", 1.0).put("high_freq_factor", 4.0);
        }
        return json;
    }

    static Stream<Arguments> models() {
        return Stream.of(
                Arguments.of("llama", plain("llama")),
                Arguments.of("llama, tied", plain("llama").put("tie_word_embeddings", true)),
                Arguments.of("llama, wide heads", plain("llama").put("head_dim", 32)),
                Arguments.of(
                        "llama, biases",
                        plain("llama").put("attention_bias", true).put("mlp_bias", true)),
                Arguments.of("llama 3.1", scaled(plain("llama").put("rope_theta", 500_000.0), "llama3", 8)),
                Arguments.of("llama, linear", scaled(plain("llama"), "linear", 4)),
                Arguments.of("llama, yarn", scaled(plain("llama"), "yarn", 4)),
                Arguments.of("mistral", plain("mistral")),
                Arguments.of("qwen2", plain("qwen2")),
                Arguments.of("qwen2, yarn", scaled(plain("qwen2").put("rope_theta", 1e6), "yarn", 4)),
                Arguments.of("qwen3", plain("qwen3").put("head_dim", 32).put("tie_word_embeddings", true)),
                Arguments.of("smollm3", plain("smollm3")),
                Arguments.of("olmo2", plain("olmo2")));
    }

    private static List<StoredTensor> weights(ModelConfig config, long seed) {
        Random random = new Random(seed);
        List<StoredTensor> tensors = new ArrayList<>();
        ParameterNames.parameters(config).forEach((name, shape) -> {
            long count = shape.stream().reduce(1L, Math::multiplyExact);
            float[] numbers = new float[Math.toIntExact(count)];
            boolean norm = name.contains("norm");
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = (float) random.nextGaussian() * (norm ? 0.2f : 0.12f) + (norm ? 1 : 0);
            }
            tensors.add(StoredTensor.ofFloats(name, shape, numbers));
        });
        return tensors;
    }

    private static int[] ids(long seed, int vocabulary) {
        return new Random(seed).ints(POSITIONS, 0, vocabulary).toArray();
    }

    private Path checkpoint(ObjectNode json, long seed) throws IOException {
        ModelConfig config = ModelConfig.fromJson(json, "test");
        Path out = folder.resolve("model-" + seed);
        CheckpointDirectory.write(out, config, weights(config, seed), new LinkedHashMap<>(), Manifest.untrained());
        return out;
    }

    private float[] theirs(Path gguf, int[] ids) throws IOException {
        writeIds(folder.resolve("ids"), ids);
        ask("logits", gguf, folder.resolve("ids"), folder.resolve("logits"));
        return floats(folder.resolve("logits"));
    }

    private static float[] ours(Path model, int[] ids) {
        try (ModelWeights weights = ModelWeights.load(CheckpointDirectory.open(model));
                TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            return scorer.logits(List.of(ids), ScoreOptions.CAUSAL);
        }
    }

    /// Logits within a thousandth, and the same likeliest token wherever the second is ten times that away.
    private static void assertAlike(String what, float[] ours, float[] theirs, int vocabulary) {
        assertThat(ours).as(what).hasSameSizeAs(theirs);
        for (int row = 0; row < ours.length / vocabulary; row++) {
            int best = 0;
            float second = Float.NEGATIVE_INFINITY;
            int mine = 0;
            for (int id = 0; id < vocabulary; id++) {
                int at = row * vocabulary + id;
                assertThat((double) Math.abs(ours[at] - theirs[at]))
                        .as("%s: position %d, token %d: %s and %s", what, row, id, ours[at], theirs[at])
                        .isLessThanOrEqualTo(CLOSE);
                mine = ours[at] > ours[row * vocabulary + mine] ? id : mine;
                if (theirs[at] > theirs[row * vocabulary + best]) {
                    second = theirs[row * vocabulary + best];
                    best = id;
                } else if (id != best) {
                    second = Math.max(second, theirs[at]);
                }
            }
            if (theirs[row * vocabulary + best] - second > 10 * CLOSE) {
                assertThat(mine).as("%s: likeliest at position %d", what, row).isEqualTo(best);
            }
        }
    }

    /// The engine's log-probabilities of the ids themselves.
    private static void assertEngineAlike(String what, Path model, int[] ids, float[] theirs, int vocabulary) {
        String list = Arrays.stream(ids).mapToObj(String::valueOf).collect(Collectors.joining(","));
        double[] scored = CommandRun.of("score", "--model", model, "--ids", list, "--json", "--engine", "cpu")
                .succeeds()
                .out()
                .lines()
                .skip(1)
                .mapToDouble(line ->
                        JsonMapper.shared().readTree(line).path("logprob").doubleValue())
                .toArray();
        for (int i = 1; i < ids.length; i++) {
            double sum = 0;
            for (int id = 0; id < vocabulary; id++) {
                sum += Math.exp(theirs[(i - 1) * vocabulary + id]);
            }
            double wanted = theirs[(i - 1) * vocabulary + ids[i]] - Math.log(sum);
            assertThat(Math.abs(scored[i - 1] - wanted))
                    .as("%s: engine at position %d: %s and %s", what, i, scored[i - 1], wanted)
                    .isLessThanOrEqualTo(CLOSE);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("models")
    void llamaCppComputesWhatWasExported(String name, ObjectNode json) throws IOException {
        for (long seed = 1; seed <= 3; seed++) {
            Path model = checkpoint(json, seed);
            Path gguf = folder.resolve("model-" + seed + ".gguf");
            CommandRun.of("export", "--model", model, "--format", "gguf", "--out", gguf)
                    .succeeds();
            int[] ids = ids(seed, VOCABULARY);
            float[] theirs = theirs(gguf, ids);
            assertAlike(name, ours(model, ids), theirs, VOCABULARY);
            assertEngineAlike(name, model, ids, theirs, VOCABULARY);
            Path back = folder.resolve("back-" + seed);
            CommandRun.of("import", gguf, "--out", back).succeeds();
            assertAlike(name + ", back", ours(back, ids), theirs, VOCABULARY);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"q8_0", "q4_0", "q4_k", "q5_k", "q6_k"})
    void whatLlamaCppQuantizedIsWidenedAsItDoes(String type) throws IOException {
        ObjectNode json = plain("llama")
                .put("hidden_size", 256)
                .put("intermediate_size", 512)
                .put("num_hidden_layers", 2)
                .put("head_dim", 64);
        Path model = checkpoint(json, 1);
        Path gguf = folder.resolve("model.gguf");
        CommandRun.of("export", "--model", model, "--format", "gguf", "--out", gguf)
                .succeeds();
        Path small = folder.resolve(type + ".gguf");
        ask("quantize", gguf, small, type);
        Path back = folder.resolve("back-" + type);
        String said = CommandRun.of("import", small, "--out", back).succeeds().out();
        assertThat(said).contains(type.toUpperCase(Locale.ROOT));
        CheckpointDirectory imported = CheckpointDirectory.open(back);
        for (String[] names : List.of(
                new String[] {"token_embd.weight", "model.embed_tokens.weight"},
                new String[] {"blk.1.ffn_gate.weight", "model.layers.1.mlp.gate_proj.weight"},
                new String[] {"blk.0.ffn_down.weight", "model.layers.0.mlp.down_proj.weight"},
                new String[] {"blk.0.attn_v.weight", "model.layers.0.self_attn.v_proj.weight"})) {
            ask("widen", small, names[0], folder.resolve("wide"));
            assertThat(Optional.ofNullable(imported.tensors().get(names[1]))
                            .orElseThrow()
                            .toFloats())
                    .as(names[1])
                    .isEqualTo(floats(folder.resolve("wide")));
        }
    }

    @Test
    void aTrainedModelIsTheSameThere() throws IOException {
        Path model = folder.resolve("stories");
        CommandRun.of(
                        "import",
                        STORIES.resolve("stories260K.bin"),
                        "--vocabulary",
                        STORIES.resolve("tok512.bin"),
                        "--out",
                        model)
                .succeeds();
        Path gguf = folder.resolve("stories.gguf");
        CommandRun.of("export", "--model", model, "--format", "gguf", "--out", gguf)
                .succeeds();
        int[] ids = Tokenizer.load(model.resolve("tokenizer.json"))
                .encodePrompt("Once upon a time, there was a little girl named Lily. She loved to play outside.");
        assertAlike("stories", ours(model, ids), theirs(gguf, ids), 512);
        List<String> texts = new ArrayList<>(List.of("Once upon a time", " two  spaces ", "Zoë 日本 🙂", "a\nb\tc"));
        Random random = new Random(7);
        for (int i = 0; i < 2_000; i++) {
            texts.add(random.ints(1 + random.nextInt(40), 0, 96)
                    .mapToObj(c -> c == 95 ? "é" : Character.toString(' ' + c))
                    .collect(Collectors.joining()));
        }
        assertTokensAlike(gguf, Tokenizer.load(model.resolve("tokenizer.json")), texts);
    }

    private void assertTokensAlike(Path gguf, Tokenizer tokenizer, List<String> texts) throws IOException {
        Files.writeString(folder.resolve("texts"), String.join("\0", texts) + "\0");
        ask("tokens", gguf, folder.resolve("texts"), folder.resolve("tokens"));
        ByteBuffer bytes =
                ByteBuffer.wrap(Files.readAllBytes(folder.resolve("tokens"))).order(ByteOrder.LITTLE_ENDIAN);
        for (String text : texts) {
            int[] theirs = new int[bytes.getInt()];
            for (int i = 0; i < theirs.length; i++) {
                theirs[i] = bytes.getInt();
            }
            assertThat(tokenizer.encode(text)).as(text).isEqualTo(theirs);
        }
    }
}
