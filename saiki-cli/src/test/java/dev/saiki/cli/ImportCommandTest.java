package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.safetensors.SafetensorsFile;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.convert.ModelExport;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.TeacherForcedScorer;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `saiki import` and `saiki export`: their messages, and models that are exported unrolled or refused.
/// {@link TrainedModelTest} compares a trained model's output with its earlier output.
class ImportCommandTest {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Path STORIES = Path.of("..", "golden", "stories260k");

    @TempDir
    private static Path folder = Path.of("");

    private static Path model = Path.of("");
    private static List<Integer> known = List.of();

    @BeforeAll
    static void bringIn() {
        model = folder.resolve("stories");
        CommandRun run = CommandRun.of("import", STORIES.resolve("checkpoint"), "--out", model)
                .succeeds();
        assertThat(run.out())
                .isEqualTo(model
                        + ": Hugging Face, llama, F32; with a tokenizer of 512 tokens, without a chat template\n");
        try (SafetensorsFile expected = SafetensorsFile.open(STORIES.resolve("expected.safetensors"))) {
            known = Arrays.stream(expected.tensor("ids").toLongs())
                    .mapToObj(Math::toIntExact)
                    .toList();
        }
    }

    @Test
    void aCheckTellsWhatAModelNeedsAndWritesNothing() {
        CommandRun run = CommandRun.of("import", STORIES.resolve("checkpoint"), "--check")
                .succeeds();
        assertThat(run.out())
                .startsWith(
                        STORIES.resolve("checkpoint") + " can be imported: Hugging Face, llama, F32; with a tokenizer")
                .contains("served in float32", "int6", "1,000 tokens");
        JsonNode json = JSON.readTree(CommandRun.of("import", STORIES.resolve("checkpoint"), "--check", "--json")
                .succeeds()
                .out());
        // 260,032 parameters; 5 layers with keys and values of 4 heads of 8 numbers.
        assertThat(json.path("needs").get(0).path("weight_bytes").longValue()).isEqualTo(4 * 260_032);
        assertThat(json.path("needs").get(1).path("cache_bytes_per_token").longValue())
                .isEqualTo(5 * 2 * 4 * 8 * 2);
        assertThat(json.path("checkpoint_bytes").longValue()).isEqualTo(4 * 260_032);
        assertThat(json.path("weights").stringValue()).isEqualTo("float32");
    }

    @Test
    void aCheckOfAFolderWithoutWeightsTellsWhatTheConfigurationRequires() throws IOException {
        Path source = Files.createDirectory(folder.resolve("configuration"));
        for (String name : List.of("config.json", "tokenizer.json")) {
            Files.copy(STORIES.resolve("checkpoint").resolve(name), source.resolve(name));
        }
        CommandRun run = CommandRun.of("import", source, "--check").succeeds();
        assertThat(run.out())
                .startsWith(source + " can be imported once its weights are there: Hugging Face, llama, ")
                .contains("with a tokenizer of 512 tokens", "tokens/s");
        assertThat(run.err()).contains("the folder has no safetensors files");
        JsonNode json = JSON.readTree(
                CommandRun.of("import", source, "--check", "--json").succeeds().out());
        assertThat(json.path("has_weights").booleanValue()).isFalse();
        assertThat(json.path("needs").get(0).path("weight_bytes").longValue()).isEqualTo(4 * 260_032);
        CommandRun.of("import", source, "--out", folder.resolve("nothing"))
                .isRefused("model.safetensors: no such file");
    }

    @Test
    void aCheckNamesAllThatIsWrong() throws IOException {
        Path source = Files.createDirectory(folder.resolve("twice_wrong"));
        String config = Files.readString(STORIES.resolve("checkpoint").resolve("config.json"));
        Files.writeString(source.resolve("config.json"), config.replace("\"rms_norm_eps\"", "\"norm_epsilon\""));
        String tokenizer = Files.readString(STORIES.resolve("checkpoint").resolve("tokenizer.json"));
        Files.writeString(source.resolve("tokenizer.json"), tokenizer.replace("\"BPE\"", "\"WordPiece\""));
        CommandRun.of("import", source, "--check").isRefused("norm_epsilon", "WordPiece");
    }

    /// Two of four experts and no embedding: five layers of attention, norms, gate and experts, the last norm, the
    /// head.
    @Test
    void aTokenReadsOnlyTheChosenExperts() {
        Path experts = Path.of("..", "golden", "families", "mixtral");
        JsonNode need = JSON.readTree(CommandRun.of("import", experts, "--check", "--json")
                        .succeeds()
                        .out())
                .path("needs")
                .get(0);
        int layer = 2 * 16 * 32 + 2 * 16 * 16 + 2 * 16 + 4 * 16;
        int expert = 3 * 16 * 24;
        assertThat(need.path("weight_bytes").longValue())
                .isEqualTo(4L * (5 * (layer + 4 * expert) + 16 + 2 * 257 * 16));
        assertThat(need.path("weight_bytes_per_token").longValue())
                .isEqualTo(4L * (5 * (layer + 2 * expert) + 16 + 257 * 16));
        assertThat(need.path("tokens_per_second").doubleValue()).isPositive();
    }

    @Test
    void aCheckNamesTheQuantizationAndTheSizeWithoutIt() {
        CommandRun run = CommandRun.of("import", Path.of("..", "golden", "quantized", "gptq"), "--check")
                .succeeds();
        // 18,432 numbers in the layer, 2,048 in embedding and head, 192 in norms; two bytes each.
        assertThat(run.out())
                .contains("Hugging Face, llama, 4-bit GPTQ, F16", NumberFormats.bytes(2 * (18_432 + 2_048 + 192)));
    }

    @Test
    void aCheckRefusesLikeAnImport() {
        Path none = folder.resolve("none.gguf");
        CommandRun.of("import", none, "--check").isRefused(none + ": no such file");
        CommandRun.of("import", model, "--check", "--out", folder.resolve("both"))
                .isRefused("--check");
        CommandRun.of("import", model).isRefused("--out", "--check");
    }

    @Test
    void describeAndScoreKnowIt() {
        assertThat(CommandRun.of("describe", "--model", model).succeeds().out()).contains("512");
        String ids = known.stream().map(String::valueOf).collect(Collectors.joining(","));
        CommandRun torch = CommandRun.of("eval", "score", "--model", model, "--ids", ids, "--json", "--engine", "torch")
                .succeeds();
        double loss = torch.out()
                .lines()
                .skip(1)
                .mapToDouble(line -> -JSON.readTree(line).path("logprob").doubleValue())
                .average()
                .orElseThrow();
        assertThat(loss).isCloseTo(0.48683, within(1e-4));
    }

    @Test
    void aModelWithoutATokenizerSaysWhatWillNotWorkAndWhatToGive() throws IOException {
        Path source = Files.createDirectory(folder.resolve("source"));
        for (String name : List.of("config.json", "model.safetensors")) {
            Files.copy(STORIES.resolve("checkpoint").resolve(name), source.resolve(name));
        }
        Path bare = folder.resolve("bare");
        CommandRun run = CommandRun.of("import", source, "--out", bare).succeeds();
        assertThat(run.out()).isEqualTo(bare + ": Hugging Face, llama, F32; without a tokenizer\n");
        assertThat(run.err())
                .startsWith("saiki: note: without a tokenizer")
                .contains(
                        "generate, chat, serve and eval refuse it",
                        "put its tokenizer.json or tokenizer.model into " + source,
                        "another --out");
        Path gguf = folder.resolve("bare.gguf");
        CommandRun.of("export", "--model", bare, "--format", "gguf", "--out", gguf)
                .succeeds();
        assertThat(CommandRun.of("import", gguf, "--out", folder.resolve("again"))
                        .succeeds()
                        .err())
                .contains("take a GGUF file that contains its vocabulary, and import it again");
        CommandRun.of("generate", "--model", bare, "--prompt", "a").isRefused("this checkpoint has no tokenizer");
        CommandRun.of("eval", "score", "--model", bare, "--ids", "1,403,407").succeeds();
    }

    @Test
    void aTemplateThatCannotBeRunIsNamedBeforeTheModelIsServed() throws IOException {
        Path source = Files.createDirectory(folder.resolve("templated"));
        for (String name : List.of("config.json", "model.safetensors", "tokenizer.json")) {
            Files.copy(STORIES.resolve("checkpoint").resolve(name), source.resolve(name));
        }
        Files.writeString(source.resolve("chat_template.jinja"), "{{ messages | length }}\n{{ messages | urlize }}");
        CommandRun run = CommandRun.of("import", source, "--check", "--json").succeeds();
        assertThat(run.err()).contains("the chat template cannot be run: chat_template, line 2: the filter urlize");
        assertThat(JSON.readTree(run.out()).path("chat_template_problem").stringValue())
                .isEqualTo("chat_template, line 2: the filter urlize is not supported");
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.bin", "pytorch_model.bin"})
    void aFileOfAnotherFormatIsRefusedByWhatIsTakenAndLeavesNothing(String name) throws IOException {
        Path wrong = Files.writeString(folder.resolve(name), "once upon a time");
        Path out = folder.resolve("refused");
        CommandRun.of("import", wrong, "--out", out)
                .isRefused(wrong
                        + ": import takes a GGUF file, or a Hugging Face folder with config.json and safetensors");
        assertThat(out).doesNotExist();
    }

    private static double[] scored(Path scoredModel, Object... options) {
        List<Object> words = new ArrayList<>(
                List.of("eval", "score", "--model", scoredModel, "--ids", "17,3,250,9,41,7,88,2", "--json"));
        words.addAll(List.of(options));
        return CommandRun.of(words.toArray())
                .succeeds()
                .out()
                .lines()
                .skip(1)
                .mapToDouble(line -> JSON.readTree(line).path("logprob").doubleValue())
                .toArray();
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 3"})
    void aRecursiveModelOfFixedDepthIsUnrolled(int entry, int exit) throws IOException {
        Path recipe = folder.resolve("fixed.yaml");
        String routed = Workbench.RECIPE;
        int from = routed.indexOf("  routing:");
        int to = routed.indexOf("optimizer:");
        Files.writeString(recipe, routed.substring(0, from) + "  routing:\n    type: none\n" + routed.substring(to));
        Path recursive = folder.resolve("recursive-" + entry);
        CommandRun.of(
                        "train",
                        "init",
                        "--recipe",
                        recipe,
                        "--set",
                        "model.num_hidden_layers=" + (entry + exit + 3),
                        "model.recursion.entry_layers=" + entry,
                        "model.recursion.exit_layers=" + exit,
                        "--seed",
                        5,
                        "--out",
                        recursive)
                .succeeds();
        for (int depth = 1; depth <= 3; depth++) {
            Path unrolled = folder.resolve("unrolled-" + entry + "-" + depth);
            CommandRun run = CommandRun.of(
                            "export", "--model", recursive, "--format", "hf", "--max-depth", depth, "--out", unrolled)
                    .succeeds();
            assertThat(run.out()).contains("a vanilla model of " + (depth + entry + exit) + " layers, unrolled");
            double[] wanted = scored(recursive, "--max-depth", depth);
            double[] got = scored(unrolled);
            for (int i = 0; i < wanted.length; i++) {
                assertThat(got[i]).as("depth %d, token %d", depth, i).isCloseTo(wanted[i], within(1e-6));
            }
        }
        CommandRun.of("export", "--model", recursive, "--format", "hf", "--max-depth", 4, "--out", folder.resolve("x"))
                .isRefused("--max-depth", "from 1 to 3");
    }

    @Test
    void theFirstStepOfAModelWithGatesIsExportedAndItsDeeperOnesIfTheyAreTakenWhole() throws IOException {
        Path recipe = folder.resolve("gated.yaml");
        String routed = Workbench.RECIPE;
        Files.writeString(
                recipe,
                routed.replace("num_recursions: 3", "num_recursions: 3\n    step_gates: true")
                        .replaceAll("    (router_func|alpha|gating): .*\n", ""));
        for (String gate : List.of("0.5", "1")) {
            for (String type : List.of("expert_choice", "none")) {
                Path model = folder.resolve("gated-" + gate + type);
                CommandRun init = type.equals("none")
                        ? CommandRun.of(
                                "train",
                                "init",
                                "--recipe",
                                recipe,
                                "--seed",
                                5,
                                "--out",
                                model,
                                "--set",
                                "initialisation.step_gate=" + gate,
                                "model.routing.router_type=",
                                "model.routing.type=none")
                        : CommandRun.of(
                                "train",
                                "init",
                                "--recipe",
                                recipe,
                                "--seed",
                                5,
                                "--out",
                                model,
                                "--set",
                                "initialisation.step_gate=" + gate);
                init.succeeds();
                assertSameAtDepth(1, model);
                boolean whole = gate.equals("1") && type.equals("none");
                if (whole) {
                    assertSameAtDepth(3, model);
                } else {
                    CommandRun.of("export", "--model", model, "--format", "hf", "--out", folder.resolve("x"))
                            .isRefused(
                                    type.equals("none")
                                            ? "recursion.step_gates cannot be exported: the gate of step 1 is 0.5"
                                            : "its tokens take different numbers of layers",
                                    "--max-depth 1");
                }
            }
        }
    }

    @Test
    void whatStepsHaveOfTheirOwnIsMultipliedOut() throws IOException {
        ModelConfig config = TinyModels.ownSteps(TinyModels.recursive());
        Path model = folder.resolve("own");
        RandomCheckpoint.write(model, config, 4);
        for (int depth = 1; depth <= 3; depth++) {
            Path out = folder.resolve("own-" + depth);
            ModelExport.run(model, ModelExport.Format.HF, Optional.empty(), OptionalInt.of(depth), out);
            float[] wanted = logprobs(model, depth);
            float[] got = logprobs(out, 1);
            for (int i = 1; i < wanted.length; i++) {
                assertThat(got[i]).as("depth %d, token %d", depth, i).isCloseTo(wanted[i], within(1e-4f));
            }
        }
    }

    @Test
    void theProjectionOfANarrowEmbeddingIsMultipliedOut() throws IOException {
        for (ModelConfig config : List.of(TinyModels.vanilla(), TinyModels.recursive())) {
            Path model = folder.resolve("narrow-" + config.isVanilla());
            RandomCheckpoint.write(model, TinyModels.narrowEmbedding(config), 4);
            Path out = folder.resolve("whole-" + config.isVanilla());
            ModelExport.run(model, ModelExport.Format.HF, Optional.empty(), OptionalInt.empty(), out);
            assertThat(CheckpointDirectory.open(out).config().architecture().embeddingSize())
                    .isEmpty();
            float[] wanted = logprobs(model, 3);
            float[] got = logprobs(out, 1);
            for (int i = 1; i < wanted.length; i++) {
                assertThat(got[i]).as("token %d", i).isCloseTo(wanted[i], within(1e-4f));
            }
        }
    }

    @Test
    void theFirstStepOfAModelWithInjectionIsExported() throws IOException {
        Path model = folder.resolve("injected");
        RandomCheckpoint.write(model, TinyModels.injected(TinyModels.recursive()), 4);
        Path out = folder.resolve("first");
        ModelExport.run(model, ModelExport.Format.HF, Optional.empty(), OptionalInt.of(1), out);
        float[] wanted = logprobs(model, 1);
        float[] got = logprobs(out, 1);
        for (int i = 1; i < wanted.length; i++) {
            assertThat(got[i]).as("token %d", i).isCloseTo(wanted[i], within(1e-5f));
        }
        CommandRun.of("export", "--model", model, "--format", "hf", "--out", folder.resolve("deep"))
                .isRefused("recursion.injection cannot be exported", "--max-depth 1");
    }

    private static float[] logprobs(Path model, int depth) {
        try (ModelWeights weights = ModelWeights.load(CheckpointDirectory.open(model));
                TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            ScoreOptions options = new ScoreOptions(RoutingRequest.Rule.CAUSAL, depth, Double.NaN);
            return scorer.score(List.of(new int[] {3, 9, 1, 30, 12, 7, 7, 20}), options)
                    .getFirst()
                    .logprobs();
        }
    }

    private void assertSameAtDepth(int depth, Path model) {
        Path unrolled = folder.resolve(model.getFileName() + "-" + depth);
        CommandRun.of("export", "--model", model, "--format", "hf", "--max-depth", depth, "--out", unrolled)
                .succeeds();
        double[] wanted = scored(model, "--max-depth", depth);
        double[] got = scored(unrolled);
        for (int i = 0; i < wanted.length; i++) {
            assertThat(got[i]).as("depth %d, token %d", depth, i).isCloseTo(wanted[i], within(1e-6));
        }
    }

    @Test
    void aRoutedModelIsRefusedByName() {
        Path recipe = folder.resolve("routed.yaml");
        Workbench.write(recipe, Workbench.RECIPE);
        Path routed = folder.resolve("routed");
        CommandRun.of("train", "init", "--recipe", recipe, "--seed", 5, "--out", routed)
                .succeeds();
        CommandRun.of("export", "--model", routed, "--format", "gguf", "--out", folder.resolve("x.gguf"))
                .isRefused("routing.type expert_choice", "no vanilla layer");
        CommandRun.of("export", "--model", model, "--format", "hf", "--weights", "f16", "--out", folder.resolve("y"))
                .isRefused("--weights is for GGUF");
    }
}
