package dev.saiki.eval.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredSequence;
import dev.saiki.model.TeacherForcedScorer;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Low-rank updates and norms of steps change nothing at first, and later only deeper passes, in both engines.
class OwnStepsTest {

    private static final long SEED = 8;

    @TempDir
    private Path folder;

    static Stream<Variants.Variant> variants() {
        return Variants.withHeads(2).stream()
                .filter(variant -> variant.config().recursion().stream()
                        .anyMatch(recursion ->
                                recursion.stepNorms() || recursion.stepLora().isPresent()));
    }

    @ParameterizedTest
    @MethodSource("variants")
    void freshStepsAreAlikeToTheBit(Variants.Variant variant) throws IOException {
        int[] text = Opened.text(new Random(SEED), 31);
        int steps = variant.config().numRecursions();
        try (ModelWeights weights = ModelWeights.initialize(variant.config(), SEED, true);
                ModelWeights alike = alike(weights);
                TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32);
                TeacherForcedScorer alikeScorer = new TeacherForcedScorer(alike, Precision.FLOAT32);
                Engine engine = engine("own", weights);
                Engine alikeEngine = engine("alike", alike)) {
            for (int depth = 1; depth <= steps; depth++) {
                RouteSettings route = RouteSettings.within(depth, depth);
                assertThat(logprobs(scorer, text, depth)).containsExactly(logprobs(alikeScorer, text, depth));
                assertThat(logprobs(engine, text, route)).containsExactly(logprobs(alikeEngine, text, route));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void oneUpdateMovesThePassesFromItsStepOnAlone(Variants.Variant variant) throws IOException {
        int[] text = Opened.text(new Random(SEED), 31);
        int steps = variant.config().numRecursions();
        try (ModelWeights before = ModelWeights.initialize(variant.config(), SEED, true);
                ModelWeights after = ModelWeights.initialize(variant.config(), SEED, true)) {
            perturb(after);
            try (TeacherForcedScorer scorer = new TeacherForcedScorer(after, Precision.FLOAT32);
                    TeacherForcedScorer beforeScorer = new TeacherForcedScorer(before, Precision.FLOAT32);
                    Engine engine = engine("after", after);
                    Engine beforeEngine = engine("before", before)) {
                for (int depth = 1; depth < steps; depth++) {
                    RouteSettings route = RouteSettings.within(depth, depth);
                    assertThat(logprobs(scorer, text, depth)).containsExactly(logprobs(beforeScorer, text, depth));
                    assertThat(logprobs(engine, text, route)).containsExactly(logprobs(beforeEngine, text, route));
                }
                RouteSettings all = RouteSettings.within(steps, steps);
                assertThat(logprobs(engine, text, all)).isNotEqualTo(logprobs(beforeEngine, text, all));
                int deepest = Arrays.stream(scored(scorer, text, steps).depths())
                        .max()
                        .orElseThrow();
                assertThat(Arrays.equals(logprobs(scorer, text, steps), logprobs(beforeScorer, text, steps)))
                        .isEqualTo(deepest < steps);
            }
        }
    }

    /// Changes one tensor of the last step of a layer.
    private static void perturb(ModelWeights weights) {
        int last = weights.config().numRecursions() - 1;
        boolean hasUpdates =
                weights.config().recursion().flatMap(Recursion::stepLora).isPresent();
        String name = "model.layers.1.steps." + last + "."
                + (hasUpdates ? "mlp.up_proj.lora_B.weight" : "post_attention_layernorm.weight");
        Tensor tensor = Objects.requireNonNull(weights.parameters().get(name));
        tensor.fillInPlace(0.5);
    }

    /// The same model without updates and norms of steps.
    private static ModelWeights alike(ModelWeights weights) {
        ModelConfig config = weights.config();
        ModelConfig plain = config.withRecursion(
                config.recursion()
                        .map(recursion ->
                                recursion.withStepLora(Optional.empty()).withStepNorms(false)),
                config.routing(),
                config.kvSharing());
        Map<String, StoredTensor> stored = new LinkedHashMap<>();
        weights.stored().forEach(tensor -> stored.put(tensor.name(), tensor));
        stored.keySet().removeIf(name -> name.contains(".steps."));
        return ModelWeights.of(plain, stored);
    }

    private Engine engine(String name, ModelWeights weights) throws IOException {
        Path model = folder.resolve(name);
        CheckpointDirectory.write(model, weights.config(), weights.stored(), Optional.empty(), Manifest.untrained());
        return Engine.open(
                CheckpointDirectory.open(model),
                Opened.BYTES,
                EngineOptions.builder().threads(1).chunkTokens(7).build());
    }

    private static float[] logprobs(TeacherForcedScorer scorer, int[] text, int depth) {
        return Arrays.copyOfRange(scored(scorer, text, depth).logprobs(), 1, text.length);
    }

    private static ScoredSequence scored(TeacherForcedScorer scorer, int[] text, int depth) {
        ScoreOptions options = new ScoreOptions(RoutingRequest.Rule.CAUSAL, depth, Double.NaN);
        return scorer.score(List.of(text), options).getFirst();
    }

    private static double[] logprobs(Engine engine, int[] text, RouteSettings route) {
        return Arrays.copyOfRange(engine.score(text, route).join().logprobs(), 1, text.length);
    }
}
