package dev.saiki.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.BaseModel;
import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.ContentHash;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.adapter.AdapterDirectory;
import dev.saiki.checkpoint.adapter.AdapterMerge;
import dev.saiki.checkpoint.adapter.AdapterTensors;
import dev.saiki.checkpoint.safetensors.SafetensorsFile;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.io.InputException;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.TeacherForcedScorer;
import dev.saiki.tensor.TorchRuntime;
import dev.saiki.train.metrics.MetricNames;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Runs that train an adapter of a checkpoint.
class AdapterTrainingTest {

    private static final String WITHOUT_MODEL = TinyRun.VANILLA.substring(TinyRun.VANILLA.indexOf("optimizer:"));

    private static final String THRESHOLD =
            "{type: expert_threshold, effort_grid: [0.5, 1], default_effort: 0.5, temperature: 1}";

    @TempDir
    static Path shared;

    private static Path dataset = Path.of("");
    private static Path vanilla = Path.of("");
    private static Path routed = Path.of("");

    @TempDir
    Path folder;

    @BeforeAll
    static void trainBases() throws IOException {
        TorchRuntime.setThreadsOfCaller(1);
        dataset = TinyRun.prepareData(shared.resolve("data"));
        vanilla = shared.resolve("vanilla");
        new Trainer(TinyRun.recipe(TinyRun.VANILLA, dataset), vanilla, TrainingListener.SILENT).run(false);
        routed = shared.resolve("routed");
        new Trainer(TinyRun.recipe(TinyRun.routed(THRESHOLD), dataset), routed, TrainingListener.SILENT).run(false);
    }

    private static Recipe recipe(Path base, String... overrides) {
        String[] all = Arrays.copyOf(overrides, overrides.length + 1);
        all[overrides.length] = "initialisation.from=" + base;
        return TinyRun.recipe(
                "adapter: {rank: 2, alpha: 4, targets: [q_proj, model.layers.1.*]}\n" + WITHOUT_MODEL, dataset, all);
    }

    private AdapterDirectory train(Recipe recipe, String name) throws IOException {
        new Trainer(recipe, folder.resolve(name), TrainingListener.SILENT).run(false);
        return AdapterDirectory.open(folder.resolve(name));
    }

    @Test
    void whatIsSavedIsTheAdapterAloneAsPeftNamesIt() throws IOException {
        AdapterDirectory adapter = train(recipe(vanilla), "run");
        Path last = folder.resolve("run").resolve("last");
        try (SafetensorsFile file = SafetensorsFile.open(last.resolve("adapter_model.safetensors"))) {
            assertThat(file.names())
                    .hasSize(2 * (8 + 6))
                    .contains(
                            "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight",
                            "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight",
                            "base_model.model.model.layers.1.mlp.down_proj.lora_A.weight");
        }
        JsonNode config = new JsonMapper().readTree(Files.readString(last.resolve("adapter_config.json")));
        assertThat(config.get("peft_type").asString()).isEqualTo("LORA");
        assertThat(config.get("task_type").asString()).isEqualTo("CAUSAL_LM");
        assertThat(config.get("r").asInt()).isEqualTo(2);
        assertThat(config.get("lora_alpha").asInt()).isEqualTo(4);
        assertThat(config.get("target_modules").get(0).asString()).isEqualTo("model.layers.0.self_attn.q_proj");
        assertThat(last.resolve("model.safetensors")).doesNotExist();
        assertThat(last.resolve("config.json")).doesNotExist();

        BaseModel base = adapter.manifest().orElseThrow().base().orElseThrow();
        assertThat(base.contentHash()).isEqualTo(ContentHash.of(CheckpointDirectory.open(vanilla)));
        assertThat(adapter.manifest().orElseThrow().tokensSeen()).isEqualTo(12 * 4 * 16);
        assertThat(adapter.manifest().orElseThrow().recipe()).isPresent();
        adapter.tensors()
                .forEach((name, tensor) -> assertThat(tensor.toFloats())
                        .describedAs(name)
                        .satisfies(values -> assertThat(
                                        IntStream.range(0, values.length).anyMatch(i -> values[i] != 0))
                                .isTrue()));
        try (SafetensorsFile state =
                SafetensorsFile.open(folder.resolve("run").resolve("step-12").resolve("model.safetensors"))) {
            assertThat(state.names())
                    .containsExactlyInAnyOrderElementsOf(adapter.tensors().keySet());
        }
    }

    @Test
    void anAdapterBeginsAsTheModelWithoutIt() throws IOException {
        AdapterDirectory adapter = train(recipe(vanilla, "optimizer.learning_rate=1e-30"), "still");
        CheckpointDirectory base = CheckpointDirectory.open(vanilla);
        adapter.config()
                .maps()
                .forEach(map -> assertThat(require(adapter.tensors(), AdapterTensors.down(map))
                                .toFloats())
                        .describedAs(map)
                        .satisfies(values -> assertThat(
                                        IntStream.range(0, values.length).anyMatch(i -> values[i] != 0))
                                .isTrue()));
        assertThat(logprobs(AdapterMerge.of(base, adapter)))
                .usingComparatorWithPrecision(1e-5f)
                .containsExactly(logprobs(base));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aStoppedRunEndsAsAnUndisturbedOneToTheBit(boolean recursive) throws IOException {
        Path base = recursive ? routed : vanilla;
        Recipe recipe = recipe(base);
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
        Recipe resolved = Recipe.load(stopped.resolve(RunDirectory.RECIPE), List.of());
        assertThat(resolved).isEqualTo(recipe);
        new Trainer(resolved, stopped, TrainingListener.SILENT).run(true);
        assertThat(TinyRun.reproducibleMetrics(stopped)).isEqualTo(TinyRun.reproducibleMetrics(undisturbed));
        for (String which : List.of("last", "best")) {
            assertThat(stopped.resolve(which).resolve("adapter_model.safetensors"))
                    .hasSameBinaryContentAs(undisturbed.resolve(which).resolve("adapter_model.safetensors"));
        }
    }

    @Test
    void anAdapterIsTrainedInBfloat16Too() throws IOException {
        AdapterDirectory adapter = train(
                recipe(routed, "precision.compute=bfloat16", "precision.activation_checkpointing=true"), "lowered");
        double trained = loss(adapter.manifest());
        assertThat(trained).isLessThan(loss(CheckpointDirectory.open(routed).manifest()));
    }

    @Test
    void aRunWhoseBaseChangedIsNotGoneOnWith() throws IOException {
        Path base = folder.resolve("base");
        TinyRun.copy(vanilla, base);
        Recipe recipe = recipe(base);
        Path run = folder.resolve("run");
        Trainer[] trainer = new Trainer[1];
        trainer[0] = new Trainer(recipe, run, new RecordingListener().afterStep(_ -> trainer[0].requestStop()));
        trainer[0].run(false);
        Path weights = base.resolve("last").resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 3] ^= 1;
        Files.write(weights, bytes);
        assertThatThrownBy(() -> new Trainer(recipe, run, TrainingListener.SILENT).run(true))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("the run started from another model");
    }

    /// In a recursive model, the layers of the block have one update for all steps.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void mergedAndApartAgreeWithinRounding(boolean recursive) throws IOException {
        CheckpointDirectory base = CheckpointDirectory.open(recursive ? routed : vanilla);
        AdapterDirectory adapter = train(recipe(recursive ? routed : vanilla), "run");
        CheckpointDirectory merged = AdapterMerge.of(base, adapter);
        float[] together = logprobs(merged);
        assertThat(together).usingComparatorWithPrecision(2e-5f).containsExactly(logprobsApart(base, adapter));
        assertThat(largestDifference(together, logprobs(base))).isGreaterThan(1e-3f);
        assertThat(merged.manifest().orElseThrow().base().orElseThrow().contentHash())
                .isEqualTo(ContentHash.of(base));
    }

    private static float largestDifference(float[] one, float[] other) {
        return (float) IntStream.range(1, one.length)
                .mapToDouble(i -> Math.abs(one[i] - other[i]))
                .max()
                .orElseThrow();
    }

    private static final int[] TEXT = {5, 17, 100, 7, 3, 40, 41, 42, 9, 250};

    private static float[] logprobs(CheckpointDirectory checkpoint) {
        try (ModelWeights weights = ModelWeights.load(checkpoint)) {
            return logprobs(weights);
        }
    }

    private static float[] logprobsApart(CheckpointDirectory base, AdapterDirectory adapter) {
        try (ModelWeights weights =
                ModelWeights.initialize(base.config(), 1, false, 1, Optional.of(adapter.config()))) {
            SequencedMap<String, StoredTensor> all = new LinkedHashMap<>(base.tensors());
            all.putAll(adapter.tensors());
            assertThat(weights.takeOver(all)).isEmpty();
            return logprobs(weights);
        }
    }

    private static float[] logprobs(ModelWeights weights) {
        try (TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            float[] logprobs =
                    scorer.score(List.of(TEXT), ScoreOptions.CAUSAL).getFirst().logprobs();
            return Arrays.copyOfRange(logprobs, 1, logprobs.length);
        }
    }

    @Test
    void adaptersOfOtherModelsAreRefusedByName() throws IOException {
        AdapterDirectory adapter = train(recipe(vanilla), "run");
        CheckpointDirectory base = CheckpointDirectory.open(vanilla);
        assertThatThrownBy(() -> adapter.requireFits(CheckpointDirectory.open(routed)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("is not an adapter of " + routed.resolve("last"))
                .hasMessageContaining("has no map model.layers.4.self_attn.q_proj");
        Path sibling = folder.resolve("sibling");
        new Trainer(TinyRun.recipe(TinyRun.VANILLA, dataset, "data.seed=9"), sibling, TrainingListener.SILENT)
                .run(false);
        assertThatThrownBy(() -> adapter.requireFits(CheckpointDirectory.open(sibling)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("is an adapter of another model (" + vanilla.resolve("last"))
                .hasMessageContaining(ContentHash.of(base));
        Path wider = folder.resolve("wider");
        new Trainer(
                        TinyRun.recipe(
                                TinyRun.VANILLA,
                                dataset,
                                "model.intermediate_size=48",
                                "schedule.steps=1",
                                "schedule.warmup_steps=0"),
                        wider,
                        TrainingListener.SILENT)
                .run(false);
        assertThatThrownBy(() -> adapter.requireFits(CheckpointDirectory.open(wider)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(
                        "model.layers.1.mlp.gate_proj.lora_B.weight must have shape [48, 2], got [32, 2]");
        // One of PEFT's has no hash: shapes and names alone tell.
        Path foreign = folder.resolve("run").resolve("last");
        Files.delete(foreign.resolve("manifest.json"));
        AdapterDirectory.open(foreign).requireFits(CheckpointDirectory.open(sibling));
        assertThatThrownBy(() -> CheckpointDirectory.open(foreign))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("contains an adapter, not a model; give it as --adapter");
        assertThatThrownBy(() -> AdapterDirectory.open(vanilla))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("contains no adapter");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"use_dora\": true",
                "\"use_rslora\": true",
                "\"init_lora_weights\": \"pissa_niter_4\"",
                "\"bias\": \"all\"",
                "\"rank_pattern\": {\"q_proj\": 4}",
                "\"modules_to_save\": [\"lm_head\"]",
                "\"alora_invocation_tokens\": [1, 2]",
                "\"peft_type\": \"IA3\""
            })
    void adaptersThatComputeSomethingElseAreRefusedByTheirKey(String entry) throws IOException {
        train(recipe(vanilla, "schedule.steps=1", "schedule.warmup_steps=0"), "run");
        Path last = folder.resolve("run").resolve("last");
        Path config = last.resolve("adapter_config.json");
        String key = entry.substring(0, entry.indexOf(':'));
        String kept = Files.readString(config)
                .lines()
                .filter(line -> !line.contains(key + " :"))
                .reduce("", (a, b) -> a + "\n" + b);
        Files.writeString(config, kept.replaceFirst("\\{", "{" + entry + ","));
        assertThatThrownBy(() -> AdapterDirectory.open(last))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(last.toString())
                .hasMessageContaining(key.replace("\"", "") + " must be");
    }

    @Test
    void recipesThatCannotBeAreRefused() {
        assertThatThrownBy(() -> TinyRun.recipe("adapter: {rank: 2}\n" + TinyRun.VANILLA, dataset))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("initialisation.from must be the base model of the adapter");
        assertThatThrownBy(() -> recipe(vanilla, "optimizer.frozen=[model.norm.weight]"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("optimizer.trained and optimizer.frozen must be left out with an adapter");
        assertThatThrownBy(() -> recipe(vanilla, "adapter.targets=[q_prj]"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("adapter.targets must have patterns of linear maps")
                .hasMessageContaining("q_prj");
        assertThatThrownBy(() -> recipe(vanilla, "adapter.rank=0"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("adapter.rank must be at least 1, got 0");
        assertThatThrownBy(() -> new Trainer(
                                recipe(
                                        vanilla,
                                        "model={recursion: {sharing: middle_cycle, num_recursions: 3, entry_layers: 3,"
                                                + " exit_layers: 2, step_gates: true}}"),
                                folder.resolve("deepened"),
                                TrainingListener.SILENT)
                        .run(false))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("an adapter cannot change its base");
    }

    /// Training moves thresholds, but not those of a base.
    @Test
    void theBaseOfARecursiveModelStaysAsItIs() throws IOException {
        String before = ContentHash.of(CheckpointDirectory.open(routed));
        AdapterDirectory adapter = train(recipe(routed), "run");
        assertThat(adapter.config().maps()).contains("model.layers.1.mlp.up_proj");
        assertThat(ContentHash.of(CheckpointDirectory.open(routed))).isEqualTo(before);
        double trained = loss(adapter.manifest());
        double still = loss(
                train(recipe(routed, "optimizer.learning_rate=1e-30"), "still").manifest());
        double base = loss(CheckpointDirectory.open(routed).manifest());
        assertThat(still).isCloseTo(base, within(1e-5));
        assertThat(trained).isNotCloseTo(base, within(1e-4));
    }

    private static double loss(Optional<Manifest> manifest) {
        return Objects.requireNonNull(manifest.orElseThrow().metrics().get(MetricNames.VALIDATION_LOSS));
    }

    private static StoredTensor require(Map<String, StoredTensor> tensors, String name) {
        return Objects.requireNonNull(tensors.get(name), name);
    }
}
