package dev.saiki.eval.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
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
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// With step gates at 0, a model of any depth equals the model of one pass, bit for bit and in both engines.
class StepGatesTest {

    private static final long SEED = 8;

    @TempDir
    private Path folder;

    static Stream<Variants.Variant> variants() {
        return Variants.withHeads(2).stream().filter(variant -> variant.config().hasStepGates());
    }

    @ParameterizedTest
    @MethodSource("variants")
    void closedGatesAreTheModelOfOnePassToTheBit(Variants.Variant variant) throws IOException {
        ModelConfig config = variant.config();
        Random random = new Random(SEED);
        List<int[]> texts = List.of(Opened.text(random, 31), Opened.text(random, 9));
        int steps = config.numRecursions();
        try (ModelWeights weights = ModelWeights.initialize(config, SEED, true, 0);
                ModelWeights base = onePass(weights);
                TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32);
                TeacherForcedScorer baseScorer = new TeacherForcedScorer(base, Precision.FLOAT32);
                Engine engine = engine("gated", weights);
                Engine baseEngine = engine("base", base)) {
            for (int[] text : texts) {
                float[] expected = logprobs(baseScorer, text, 1);
                double[] expectedOfEngine = logprobs(baseEngine, text, RouteSettings.MODEL);
                for (int depth = 1; depth <= steps; depth++) {
                    assertThat(logprobs(scorer, text, depth))
                            .describedAs("LibTorch, at most %d", depth)
                            .containsExactly(expected);
                    assertThat(logprobs(engine, text, RouteSettings.within(1, depth)))
                            .describedAs("engine, at most %d", depth)
                            .containsExactly(expectedOfEngine);
                    assertThat(logprobs(engine, text, RouteSettings.within(depth, steps)))
                            .describedAs("engine, at least %d", depth)
                            .containsExactly(expectedOfEngine);
                }
            }
        }
    }

    /// When a gate opens, the tokens that continue must change, and no token of one pass may change.
    @ParameterizedTest
    @MethodSource("variants")
    void openGatesMoveDeeperPassesAlone(Variants.Variant variant) throws IOException {
        Random random = new Random(SEED);
        int[] text = Opened.text(random, 31);
        int steps = variant.config().numRecursions();
        try (ModelWeights closed = ModelWeights.initialize(variant.config(), SEED, true, 0);
                ModelWeights open = ModelWeights.initialize(variant.config(), SEED, true, 0.25);
                TeacherForcedScorer closedScorer = new TeacherForcedScorer(closed, Precision.FLOAT32);
                TeacherForcedScorer openScorer = new TeacherForcedScorer(open, Precision.FLOAT32);
                Engine closedEngine = engine("closed", closed);
                Engine openEngine = engine("open", open)) {
            assertThat(logprobs(openScorer, text, 1)).containsExactly(logprobs(closedScorer, text, 1));
            boolean someGoOn =
                    Arrays.stream(scored(openScorer, text, steps).depths()).anyMatch(depth -> depth > 1);
            assertThat(Arrays.equals(logprobs(openScorer, text, steps), logprobs(closedScorer, text, steps)))
                    .isNotEqualTo(someGoOn);
            RouteSettings one = RouteSettings.within(1, 1);
            RouteSettings all = RouteSettings.within(steps, steps);
            assertThat(logprobs(openEngine, text, one)).containsExactly(logprobs(closedEngine, text, one));
            assertThat(logprobs(openEngine, text, all)).isNotEqualTo(logprobs(closedEngine, text, all));
        }
    }

    /// The vanilla model with each layer once.
    private static ModelWeights onePass(ModelWeights weights) {
        ModelConfig config = weights.config();
        ModelConfig vanilla = config.withRecursion(Optional.empty(), new Routing.None(), KeyValueSharing.NONE)
                .withNumHiddenLayers(config.layerMap().numUnique());
        Map<String, StoredTensor> stored = new LinkedHashMap<>();
        weights.stored().forEach(tensor -> stored.put(tensor.name(), tensor));
        stored.keySet().removeIf(name -> name.contains("router") || name.contains("step_gates"));
        return ModelWeights.of(vanilla, stored);
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
