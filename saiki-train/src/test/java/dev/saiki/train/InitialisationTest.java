package dev.saiki.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.BaseModel;
import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.ContentHash;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.Architecture;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ModelFamily;
import dev.saiki.checkpoint.config.SlidingWindow;
import dev.saiki.checkpoint.provenance.ModelOrigin;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.TeacherForcedScorer;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.tensor.TorchRuntime;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.dataset.PrepareOptions;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import dev.saiki.train.metrics.MetricNames;
import dev.saiki.train.metrics.MetricsLine;
import dev.saiki.train.metrics.MetricsLog;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Runs that start from a checkpoint's weights.
class InitialisationTest {

    /// A rate so small that no weight moves.
    private static final String STANDS_STILL = "optimizer.learning_rate=1e-30";

    private static final String WITHOUT_MODEL = TinyRun.VANILLA.substring(TinyRun.VANILLA.indexOf("optimizer:"));

    private static final String DEEPENED = """
            model:
              recursion: {sharing: middle_cycle, num_recursions: 3, entry_layers: 3, exit_layers: 2, step_gates: true}
              routing: %s
            """ + WITHOUT_MODEL;

    private static final String OWN_STEPS =
            DEEPENED.replace("step_gates: true", "step_gates: true, step_lora: {rank: 2, alpha: 4}, step_norms: true");

    @TempDir
    static Path shared;

    private static Path dataset = Path.of("");
    private static Path otherText = Path.of("");
    private static Path vanilla = Path.of("");

    @TempDir
    Path folder;

    @BeforeAll
    static void trainABase() throws IOException {
        TorchRuntime.setThreadsOfCaller(1);
        dataset = TinyRun.prepareData(shared.resolve("data"));
        Tokenizer tokenizer = Tokenizer.load(TokenDataset.open(dataset).tokenizerFile());
        List<Document> documents = IntStream.range(0, 24)
                .mapToObj(i -> new Document("document " + i, ("other words number " + i + " and more. ").repeat(30)))
                .toList();
        otherText = shared.resolve("other");
        TokenDataset.prepare(
                Corpus.ofDocuments("other text", documents),
                tokenizer,
                otherText,
                PrepareOptions.defaults().withValidationFraction(0.1));
        vanilla = shared.resolve("vanilla");
        new Trainer(TinyRun.recipe(TinyRun.VANILLA, dataset), vanilla, TrainingListener.SILENT).run(false);
    }

    private Recipe from(Path base, String yaml, String... overrides) {
        String[] all = Arrays.copyOf(overrides, overrides.length + 1);
        all[overrides.length] = "initialisation.from=" + base;
        return TinyRun.recipe(yaml, otherText, all);
    }

    private TrainingOutcome train(Recipe recipe, String name) throws IOException {
        return new Trainer(recipe, folder.resolve(name), TrainingListener.SILENT).run(false);
    }

    @Test
    void aRunBeginsWithTheWeightsOfItsBaseAndNamesBothOrigins() throws IOException {
        CheckpointDirectory base = CheckpointDirectory.open(vanilla);
        train(from(vanilla, WITHOUT_MODEL, STANDS_STILL), "still");
        assertThat(TinyRun.lastWeights(folder.resolve("still"))).isEqualTo(TinyRun.lastWeights(vanilla));
        List<MetricsLine> lines = MetricsLog.read(folder.resolve("still").resolve(MetricsLog.FILE_NAME));
        assertThat(lines).extracting(MetricsLine::step).startsWith(0L, 1L, 2L);
        // A run that moved no weight has its base's loss.
        assertThat(lines.getFirst().values())
                .containsEntry(
                        MetricNames.VALIDATION_LOSS, lines.getLast().values().get(MetricNames.VALIDATION_LOSS))
                .doesNotContainKey(MetricNames.CROSS_ENTROPY_LOSS);

        Manifest manifest =
                CheckpointDirectory.open(folder.resolve("still")).manifest().orElseThrow();
        BaseModel origin = manifest.base().orElseThrow();
        assertThat(origin.path()).isEqualTo(vanilla.resolve("last").toString());
        assertThat(origin.contentHash()).isEqualTo(ContentHash.of(base));
        assertThat(origin.manifest()).isEqualTo(base.manifest());
        assertThat(manifest.dataHash())
                .isPresent()
                .isNotEqualTo(base.manifest().orElseThrow().dataHash());
        assertThat(manifest.tokensSeen()).isEqualTo(12 * 4 * 16);

        // The whole chain of bases is recorded.
        train(from(folder.resolve("still"), WITHOUT_MODEL, STANDS_STILL), "again");
        Manifest third =
                CheckpointDirectory.open(folder.resolve("again")).manifest().orElseThrow();
        assertThat(third.base().orElseThrow().manifest().orElseThrow().base()).contains(origin);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{type: none}", "{type: expert_threshold, effort_grid: [0.5, 1], default_effort: 0.5}"})
    void aStoppedRunEndsAsAnUndisturbedOneThoughItsBaseIsGone(String routing) throws IOException {
        Path base = folder.resolve("base");
        TinyRun.copy(vanilla, base);
        Recipe recipe = from(base, DEEPENED.formatted(routing));
        Path undisturbed = folder.resolve("undisturbed");
        Path stopped = folder.resolve("stopped");
        new Trainer(recipe, undisturbed, TrainingListener.SILENT).run(false);
        Trainer[] first = new Trainer[1];
        first[0] = new Trainer(recipe, stopped, new RecordingListener().afterStep(report -> {
                    if (report.step() == 5) {
                        first[0].requestStop();
                    }
                }));
        assertThat(first[0].run(false).step()).isEqualTo(5);
        AtomicFiles.deleteRecursively(base);
        Recipe resolved = Recipe.load(stopped.resolve(RunDirectory.RECIPE), List.of());
        assertThat(resolved).isEqualTo(recipe);
        assertThat(new Trainer(resolved, stopped, TrainingListener.SILENT)
                        .run(true)
                        .step())
                .isEqualTo(12);
        assertThat(TinyRun.reproducibleMetrics(stopped)).isEqualTo(TinyRun.reproducibleMetrics(undisturbed));
        assertThat(TinyRun.lastWeights(stopped)).isEqualTo(TinyRun.lastWeights(undisturbed));
        assertThat(CheckpointDirectory.open(stopped).manifest().orElseThrow().base())
                .isEqualTo(CheckpointDirectory.open(undisturbed)
                        .manifest()
                        .orElseThrow()
                        .base())
                .isPresent();
    }

    @Test
    void aDeepenedModelBeginsAsItsBaseAtEveryDepthToTheBit() throws IOException {
        train(from(vanilla, DEEPENED.formatted("{type: none}"), STANDS_STILL), "deepened");
        CheckpointDirectory deepened = CheckpointDirectory.open(folder.resolve("deepened"));
        ModelConfig config = deepened.config();
        assertThat(config.layerMap().uniqueOf()).containsExactly(0, 1, 2, 3, 4, 5, 3, 4, 5, 3, 4, 5, 6, 7);
        assertThat(Objects.requireNonNull(deepened.tensors().get("model.step_gates"))
                        .toFloats())
                .satisfies(gates -> assertThat(gates[0]).isEqualTo(1))
                .satisfies(gates ->
                        assertThat(Math.abs(gates[1]) + Math.abs(gates[2])).isLessThan(1e-20f));
        float[] expected = logprobs(CheckpointDirectory.open(vanilla), 1);
        for (int depth = 1; depth <= 3; depth++) {
            assertThat(logprobs(deepened, depth)).describedAs("depth %d", depth).containsExactly(expected);
        }
    }

    @Test
    void aDeepenedModelWithUpdatesAndNormsOfItsStepsBeginsAsItsBaseToTheBit() throws IOException {
        train(from(vanilla, OWN_STEPS.formatted("{type: none}"), STANDS_STILL), "deepened");
        CheckpointDirectory deepened = CheckpointDirectory.open(folder.resolve("deepened"));
        float[] expected = logprobs(CheckpointDirectory.open(vanilla), 1);
        for (int depth = 1; depth <= 3; depth++) {
            assertThat(logprobs(deepened, depth)).describedAs("depth %d", depth).containsExactly(expected);
        }
        assertThat(deepened.tensors()).containsKey("model.layers.3.steps.2.self_attn.v_proj.lora_B.weight");
        for (int step = 1; step <= 2; step++) {
            for (String norm : List.of("input_layernorm.weight", "post_attention_layernorm.weight")) {
                assertThat(values(deepened, "model.layers.4.steps." + step + "." + norm))
                        .isEqualTo(values(CheckpointDirectory.open(vanilla), "model.layers.4." + norm));
            }
        }
    }

    /// A deepened model's training: its first pass stays equal to the base's, and later passes learn.
    @Test
    void stepsAloneAreTrainedAndTheFirstPassStaysTheBase() throws IOException {
        String trained = "optimizer.trained=[model.step_gates, model.layers.*.steps.*]";
        train(from(vanilla, OWN_STEPS.formatted("{type: none}"), trained), "deepened");
        CheckpointDirectory deepened = CheckpointDirectory.open(folder.resolve("deepened"));
        assertThat(logprobs(deepened, 1)).containsExactly(logprobs(CheckpointDirectory.open(vanilla), 1));
        assertThat(logprobs(deepened, 3)).isNotEqualTo(logprobs(deepened, 1));
        assertThat(values(deepened, "model.layers.3.steps.1.mlp.up_proj.lora_B.weight"))
                .isNotEqualTo(new float[24 * 2]);
        assertThat(values(deepened, "model.layers.3.steps.1.input_layernorm.weight"))
                .isNotEqualTo(values(deepened, "model.layers.3.input_layernorm.weight"));
    }

    /// The trunk is trained first; steps get updates and norms of their own later.
    @Test
    void updatesAndNormsAreAddedToATrainedRecursionAndNotTakenAway() throws IOException {
        train(from(vanilla, DEEPENED.formatted("{type: none}")), "trunk");
        String more = "model: {recursion: {step_lora: {rank: 2}, step_norms: true}}\n" + WITHOUT_MODEL;
        train(from(folder.resolve("trunk"), more, STANDS_STILL), "more");
        CheckpointDirectory trunk = CheckpointDirectory.open(folder.resolve("trunk"));
        assertThat(logprobs(CheckpointDirectory.open(folder.resolve("more")), 3))
                .containsExactly(logprobs(trunk, 3));
        refused(
                from(folder.resolve("more"), "model: {recursion: {step_norms: false}}\n" + WITHOUT_MODEL),
                "recursion is {",
                "\"step_norms\":true");
    }

    private static float[] values(CheckpointDirectory model, String name) {
        return Objects.requireNonNull(model.tensors().get(name), name).toFloats();
    }

    @Test
    void whatLayersOfABaseHaveOfTheirOwnIsRepeatedWithThem() throws IOException {
        CheckpointDirectory plain = CheckpointDirectory.open(vanilla);
        ModelConfig config = plain.config()
                .withArchitecture(Architecture.of(ModelFamily.SMOLLM3)
                        .withUnrotatedLayers(List.of(3, 7))
                        .withSlidingWindow(new SlidingWindow(5, List.of(4))));
        Path base = folder.resolve("smol");
        List<StoredTensor> tensors = List.copyOf(plain.tensors().values());
        CheckpointDirectory.write(base, config, tensors, Optional.of(plain.tokenizer()), Manifest.untrained());
        train(from(base, DEEPENED.formatted("{type: none}"), STANDS_STILL), "deepened");
        CheckpointDirectory deepened = CheckpointDirectory.open(folder.resolve("deepened"));
        assertThat(deepened.config().architecture().unrotatedLayers()).containsExactly(3, 6, 9, 13);
        assertThat(deepened.config().architecture().slidingWindow()).contains(new SlidingWindow(5, List.of(4, 7, 10)));
        assertThat(logprobs(deepened, 3)).containsExactly(logprobs(CheckpointDirectory.open(base), 1));
    }

    @Test
    void whatABaseBroughtAlongGoesOnWithTheModelThoughTheBaseIsGone() throws IOException {
        CheckpointDirectory plain = CheckpointDirectory.open(vanilla);
        SequencedMap<String, byte[]> files = new LinkedHashMap<>();
        files.put("chat_template.jinja", "{{ messages }}".getBytes(StandardCharsets.UTF_8));
        files.put("tokenizer_config.json", "{\"eos_token\": \"<end>\"}".getBytes(StandardCharsets.UTF_8));
        files.put("generation_config.json", "{\"eos_token_id\": [0, 5]}".getBytes(StandardCharsets.UTF_8));
        SequencedMap<String, byte[]> all = new LinkedHashMap<>(files);
        all.put("tokenizer.json", Files.readAllBytes(plain.tokenizer()));
        ModelOrigin origin = new ModelOrigin(
                "GGUF", "llama", List.of("F16"), List.of(), "0.1.0", Instant.parse("2026-11-27T10:00:00Z"));
        Path base = folder.resolve("brought");
        CheckpointDirectory.write(
                base, plain.config(), List.copyOf(plain.tensors().values()), all, Manifest.imported(origin));
        Recipe recipe = from(base, DEEPENED.formatted("{type: none}"));
        Path run = folder.resolve("run");
        Trainer[] trainer = new Trainer[1];
        trainer[0] = new Trainer(recipe, run, new RecordingListener().afterStep(report -> trainer[0].requestStop()));
        trainer[0].run(false);
        AtomicFiles.deleteRecursively(base);
        new Trainer(Recipe.load(run.resolve(RunDirectory.RECIPE), List.of()), run, TrainingListener.SILENT).run(true);
        for (String name : List.of("last", "best")) {
            CheckpointDirectory model = CheckpointDirectory.open(run.resolve(name));
            assertThat(model.manifest().orElseThrow().provenance().origin()).contains(origin);
            assertThat(model.endTokenIds()).contains(0, 5);
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                assertThat(model.path().resolve(file.getKey())).hasBinaryContent(file.getValue());
            }
        }
    }

    @Test
    void aDeepenedModelFallsBackToOnePassUntilAnotherDepthIsChosen() throws IOException {
        String enough = "metrics.validation_sequences=16";
        String routing = "{type: expert_threshold, effort_grid: [0.5, 1], default_effort: 0.5}";
        Path deepened = folder.resolve("deepened");
        RecordingListener listener = new RecordingListener().afterStep(report -> {
            if (report.step() == 5) {
                assertThat(referenceDepth(deepened)).hasValue(1);
            }
        });
        new Trainer(from(vanilla, DEEPENED.formatted(routing), enough), deepened, listener).run(false);
        assertThat(listener.steps).hasSize(12);
        CheckpointDirectory model = CheckpointDirectory.open(deepened);
        assertThat(model.manifest().orElseThrow().metrics())
                .containsEntry(Manifest.REFERENCE_DEPTH, 1.0)
                .containsKey(Manifest.LOSS_AT_DEPTH + 3);
        assertThat(referenceDepth(deepened.resolve("best"))).hasValue(1);
        model.writeUniformDepths(List.of(3.0, 2.0, 2.5));
        assertThat(referenceDepth(deepened)).hasValue(2);

        train(from(deepened, WITHOUT_MODEL, enough), "further");
        assertThat(referenceDepth(folder.resolve("further"))).hasValue(1);
        train(TinyRun.recipe(TinyRun.routed(routing), dataset), "recursive");
        train(from(folder.resolve("recursive"), WITHOUT_MODEL, enough), "continued");
        Manifest continued =
                CheckpointDirectory.open(folder.resolve("continued")).manifest().orElseThrow();
        List<Double> losses = IntStream.rangeClosed(1, 3)
                .mapToObj(depth -> Objects.requireNonNull(continued.metrics().get(Manifest.LOSS_AT_DEPTH + depth)))
                .toList();
        assertThat(continued.referenceDepth()).hasValue(1 + losses.indexOf(Collections.min(losses)));
    }

    private static OptionalInt referenceDepth(Path model) {
        return CheckpointDirectory.open(model).manifest().orElseThrow().referenceDepth();
    }

    @Test
    void trainingOpensTheGatesOfADeepenedModel() throws IOException {
        train(from(vanilla, DEEPENED.formatted("{type: none}")), "deepened");
        CheckpointDirectory deepened = CheckpointDirectory.open(folder.resolve("deepened"));
        float[] gates = Objects.requireNonNull(deepened.tensors().get("model.step_gates"))
                .toFloats();
        assertThat(gates[0]).isEqualTo(1);
        assertThat(gates[1]).isNotZero();
        assertThat(gates[2]).isNotZero();
        assertThat(logprobs(deepened, 3)).isNotEqualTo(logprobs(deepened, 1));
    }

    /// The trunk is trained first; a router is added later.
    @Test
    void aRouterIsAddedToAModelWhoseStepsHaveGates() throws IOException {
        train(from(vanilla, DEEPENED.formatted("{type: none}")), "trunk");
        String routed = """
                model:
                  routing: {type: expert_threshold, effort_grid: [0.5, 1], default_effort: 0.5}
                """ + WITHOUT_MODEL;
        train(from(folder.resolve("trunk"), routed, STANDS_STILL), "routed");
        CheckpointDirectory trunk = CheckpointDirectory.open(folder.resolve("trunk"));
        CheckpointDirectory model = CheckpointDirectory.open(folder.resolve("routed"));
        trunk.tensors()
                .forEach((name, tensor) -> assertThat(
                                Objects.requireNonNull(model.tensors().get(name))
                                        .toFloats())
                        .describedAs(name)
                        .isEqualTo(tensor.toFloats()));
        assertThat(model.tensors()).containsKey("model.routers.1.weight");

        RecordingListener listener = new RecordingListener();
        String unrouted = "model:\n  routing: {type: none}\n" + WITHOUT_MODEL;
        new Trainer(from(folder.resolve("routed"), unrouted), folder.resolve("unrouted"), listener).run(false);
        assertThat(listener.warnings)
                .singleElement()
                .asString()
                .contains("does not use model.routers.0.weight", "model.router_thresholds");
    }

    /// All tokens of the base take all recursions, so what tokens see of those that left does not matter yet.
    @Test
    void aRouterIsAddedToATrunkOfFixedDepthWhichStaysAsItIs() throws IOException {
        new Trainer(TinyRun.recipe(TinyRun.RECURSIVE, dataset), folder.resolve("trunk"), TrainingListener.SILENT)
                .run(false);
        String routed = """
                model:
                  kv_sharing: completion
                  recursion: {sharing: middle_cycle, num_recursions: 3, step_gates: true}
                  routing: {type: expert_threshold, effort_grid: [0.5, 1], default_effort: 1}
                """ + WITHOUT_MODEL;
        train(from(folder.resolve("trunk"), routed, STANDS_STILL, "initialisation.step_gate=1"), "routed");
        assertThat(logprobs(CheckpointDirectory.open(folder.resolve("routed")), 3))
                .containsExactly(logprobs(CheckpointDirectory.open(folder.resolve("trunk")), 3), within(1e-5f));
        refused(
                from(
                        folder.resolve("trunk"),
                        routed,
                        STANDS_STILL,
                        "initialisation.step_gate=1",
                        "model.kv_sharing=recursive"),
                "kv_sharing is none in the base and recursive in the recipe");
        assertThatThrownBy(() -> train(from(folder.resolve("trunk"), routed), "closed"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("initialisation.step_gate must be 1");
    }

    @Test
    void wrongBasesAreRefusedByName() throws IOException {
        refused(
                from(vanilla, TinyRun.VANILLA, "model.hidden_size=24", "model.head_dim=12"),
                "hidden_size is 16 in the base and 24 in the recipe",
                "head_dim is 8 in the base and 12 in the recipe");
        refused(
                from(vanilla, TinyRun.VANILLA, "model.num_hidden_layers=7"),
                "num_hidden_layers is 8 in the base and 7 in the recipe");
        refused(from(vanilla, TinyRun.VANILLA, "model.model_type=qwen2"), "the architecture is");
        String plain = DEEPENED.replace(", step_gates: true", "");
        refused(
                from(vanilla, plain.formatted("{type: none}")),
                "recursion.step_gates must be true where the base has no recursion");
        refused(
                from(vanilla, DEEPENED.formatted("{type: none}"), "model.num_hidden_layers=11"),
                "the base has 8 layers, and the recipe's model has 7 distinct layers");
        assertThatThrownBy(() -> from(
                        vanilla,
                        DEEPENED.formatted("{type: none}"),
                        "model.recursion.entry_layers=5",
                        "model.recursion.exit_layers=3"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("model.recursion.entry_layers and model.recursion.exit_layers must be at least 1"
                        + " each and at most 7 in total with sharing middle_cycle, since the base has 8 layers and the"
                        + " recursion needs one of them, got 5 and 3");
        train(from(vanilla, DEEPENED.formatted("{type: none}"), STANDS_STILL), "deep");
        refused(
                from(
                        folder.resolve("deep"),
                        "model: {recursion: {num_recursions: 2}}\n" + WITHOUT_MODEL,
                        "model.num_hidden_layers=11"),
                "recursion is {",
                "\"num_recursions\":2");
        refused(
                from(folder.resolve("deep"), "model: {kv_sharing: recursive}\n" + WITHOUT_MODEL),
                "kv_sharing is none in the base and recursive in the recipe");
    }

    @Test
    void aBaseOfAnotherTokenizerIsRefused() throws IOException {
        CheckpointDirectory base = CheckpointDirectory.open(vanilla);
        Tokenizer other =
                BytePairTrainer.train(List.of("quite another text of words").iterator(), 300);
        Path tokenizer = folder.resolve("tokenizer.json");
        other.save(tokenizer);
        Path foreign = folder.resolve("foreign");
        List<StoredTensor> tensors = List.copyOf(base.tensors().values());
        CheckpointDirectory.write(foreign, base.config(), tensors, Optional.of(tokenizer), Manifest.untrained());
        refused(from(foreign, WITHOUT_MODEL), "the tokenizer must be the one that encoded");
    }

    @Test
    void aBaseWithoutATokenizerIsDoubtedAndOneOfAnotherVocabularyRefused() throws IOException {
        CheckpointDirectory base = CheckpointDirectory.open(vanilla);
        List<StoredTensor> tensors = List.copyOf(base.tensors().values());
        Path bare = folder.resolve("bare");
        CheckpointDirectory.write(bare, base.config(), tensors, Optional.empty(), Manifest.untrained());
        RecordingListener listener = new RecordingListener();
        new Trainer(from(bare, WITHOUT_MODEL, STANDS_STILL), folder.resolve("doubted"), listener).run(false);
        assertThat(listener.warnings)
                .singleElement()
                .asString()
                .contains("has no tokenizer.json, so it is unknown whether its 300 tokens are those of the data");

        ModelConfig large = base.config().withVocabSize(4096);
        Path foreign = folder.resolve("large");
        try (ModelWeights weights = ModelWeights.initialize(large, 1, false)) {
            CheckpointDirectory.write(foreign, large, weights.stored(), Optional.empty(), Manifest.untrained());
        }
        refused(
                from(foreign, WITHOUT_MODEL),
                "vocab_size is 4096 in the base, but the data's tokenizer has 300 tokens");
    }

    @Test
    void whatARunStartsFromIsSaidOnce() {
        assertThatThrownBy(() -> from(vanilla, WITHOUT_MODEL, "schedule.cooldown_from=" + vanilla.resolve("step-12")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("initialisation.from must be left out with schedule.cooldown_from");
        assertThatThrownBy(() -> from(folder.resolve("nowhere"), WITHOUT_MODEL))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("nowhere: no such folder");
    }

    private void refused(Recipe recipe, String... parts) {
        assertThatThrownBy(() -> train(recipe, "refused"))
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll(parts)
                .hasMessageContaining("initialisation.from: ");
        assertThat(folder.resolve("refused").resolve(RunDirectory.RECIPE)).doesNotExist();
    }

    private static float[] logprobs(CheckpointDirectory checkpoint, int depth) {
        int[] text = IntStream.range(0, 16).map(i -> (7 * i + 3) % 300).toArray();
        try (ModelWeights weights = ModelWeights.load(checkpoint);
                TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            ScoreOptions options = new ScoreOptions(RoutingRequest.Rule.CAUSAL, depth, Double.NaN);
            return Arrays.copyOfRange(
                    scorer.score(List.of(text), options).getFirst().logprobs(), 1, text.length);
        }
    }
}
