package dev.saiki.model;

import static dev.saiki.testkit.NativeAssertions.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.QueryKeyNorm;
import dev.saiki.checkpoint.config.RopeScaling;
import dev.saiki.checkpoint.config.Rotation;
import dev.saiki.model.attention.AttentionWeights;
import dev.saiki.model.attention.CausalSelfAttention;
import dev.saiki.model.attention.KeyValues;
import dev.saiki.model.attention.LeftTokens;
import dev.saiki.model.attention.Linear;
import dev.saiki.model.attention.Norm;
import dev.saiki.model.attention.RotaryEmbedding;
import dev.saiki.model.attention.Rotations;
import dev.saiki.model.attention.Sight;
import dev.saiki.model.routing.ActiveTokens;
import dev.saiki.model.routing.DepthOverrides;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Device;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import dev.saiki.testkit.TinyModels;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Keys and values of exited tokens, computed from their last states.
class CompletionTest {

    private static final int TIME = 12;
    private static final int HIDDEN = 8;
    private static final int VALUES = TIME * HIDDEN;
    private static final CausalSelfAttention ATTENTION =
            new CausalSelfAttention(2, 1, 4, new Norm(1e-5, 0, false), 0.5, OptionalDouble.empty());

    static Stream<Function<KeyValueSharing, ModelConfig>> models() {
        return Stream.of(
                TinyModels::expertChoice,
                TinyModels::tokenChoice,
                TinyModels::expertThreshold,
                keys -> TinyModels.stepGated(TinyModels.expertThreshold(keys)),
                keys -> TinyModels.injected(TinyModels.expertThreshold(keys)),
                keys -> TinyModels.ownSteps(TinyModels.expertChoice(keys)));
    }

    @ParameterizedTest
    @MethodSource("models")
    void whereAllTokensTakeEqualDepthsItIsRecursionWiseCaching(Function<KeyValueSharing, ModelConfig> model) {
        for (int depth = 1; depth <= 3; depth++) {
            DepthOverrides all = DepthOverrides.of(Collections.nCopies(2, filled(depth)));
            List<ScoredSequence> stepwise = score(model.apply(KeyValueSharing.NONE), all);
            List<ScoredSequence> completed = score(model.apply(KeyValueSharing.COMPLETION), all);
            for (int b = 0; b < 2; b++) {
                assertThat(completed.get(b).logprobs())
                        .isEqualTo(stepwise.get(b).logprobs());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void tokensThatGoOnSeeThoseThatLeft(Function<KeyValueSharing, ModelConfig> model) {
        int firstDeep = TIME / 2;
        int[] depths = filled(1);
        Arrays.fill(depths, firstDeep, TIME, 3);
        DepthOverrides half = DepthOverrides.of(Collections.nCopies(2, depths));
        List<ScoredSequence> stepwise = score(model.apply(KeyValueSharing.NONE), half);
        List<ScoredSequence> completed = score(model.apply(KeyValueSharing.COMPLETION), half);
        for (int b = 0; b < 2; b++) {
            float[] alone = stepwise.get(b).logprobs();
            float[] inCompany = completed.get(b).logprobs();
            // What the first deep token predicts is one position further.
            assertThat(Arrays.copyOf(inCompany, firstDeep + 1)).isEqualTo(Arrays.copyOf(alone, firstDeep + 1));
            assertThat(inCompany).isNotEqualTo(alone);
        }
    }

    private static List<ScoredSequence> score(ModelConfig config, DepthOverrides forced) {
        try (ModelWeights weights = ModelWeights.initialize(config, 5, false);
                TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            weights.parameters().forEach((name, tensor) -> {
                if (name.endsWith("_proj.weight")) {
                    tensor.multiplyInPlace(10);
                }
            });
            Random random = new Random(6);
            List<int[]> texts = Stream.generate(
                            () -> random.ints(TIME, 0, TinyModels.VOCABULARY).toArray())
                    .limit(2)
                    .toList();
            ScoreOptions options = new ScoreOptions(RoutingRequest.Rule.CAUSAL, RoutingRequest.UNBOUNDED, Double.NaN);
            return scorer.score(texts, options.withForced(forced));
        }
    }

    private static int[] filled(int depth) {
        int[] depths = new int[TIME];
        Arrays.fill(depths, depth);
        return depths;
    }

    @Test
    void aLayerGivesWhatItWouldGiveIfAllTokensTookItWithTheirLastStates() {
        for (Sight sight : List.of(
                new Sight(OptionalInt.empty(), Rotation.USUAL),
                new Sight(OptionalInt.empty(), Rotation.NONE),
                new Sight(OptionalInt.of(3), Rotation.USUAL))) {
            try (TensorScope _ = TensorScope.open()) {
                Tensor states = random(2, 2 * VALUES).reshape(2L * TIME, HIDDEN);
                for (int[][] active : List.of(new int[][] {{1, 4, 5, 9}, {0, 11}}, new int[][] {{2}, {}}, new int[][] {
                    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, {11}
                })) {
                    assertThatItIsAsIfAllTookIt(states, active, sight);
                }
            }
        }
    }

    private static void assertThatItIsAsIfAllTookIt(Tensor states, int[][] positions, Sight sight) {
        try (RotaryEmbedding rotary = new RotaryEmbedding(
                        new RopeScaling.None().frequencies(4, 10_000), 1, false, TIME, DType.FLOAT32, Device.CPU);
                ActiveTokens all = ActiveTokens.all(Device.CPU, 2, TIME);
                ActiveTokens some = ActiveTokens.of(Device.CPU, TIME, positions);
                ActiveTokens left = some.others()) {
            Tensor projection = random(1, 16 * HIDDEN).reshape(16, HIDDEN);
            AttentionWeights weights = new AttentionWeights(
                    new Linear(List.of(new Linear.Part(projection, Optional.empty(), Optional.empty())), List.of()),
                    QueryKeyNorm.EACH_HEAD,
                    Optional.of(random(3, 4)),
                    Optional.of(random(4, 4)));
            Tensor expected = attend(states, weights, sight, all, rotary, new KeyValues.Source.Own())
                    .rows(some.rows());
            KeyValues.Source completed =
                    new KeyValues.Source.Completed(LeftTokens.of(states, left, rotations(rotary, left)));
            Tensor given = states.rows(some.rows());
            assertClose(
                    "attention of " + Arrays.deepToString(positions),
                    attend(given, weights, sight, some, rotary, completed).toFloats(),
                    expected.toFloats(),
                    1e-5);
        }
    }

    private static Tensor attend(
            Tensor rows,
            AttentionWeights weights,
            Sight sight,
            ActiveTokens active,
            RotaryEmbedding rotary,
            KeyValues.Source source) {
        try (KeyValues none = new KeyValues()) {
            return ATTENTION.attend(rows, weights, sight, active, rotations(rotary, active), none, source, 0);
        }
    }

    private static Tensor random(int seed, int count) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensors.of(values, count);
    }

    private static Rotations rotations(RotaryEmbedding rotary, ActiveTokens tokens) {
        return new Rotations(rotary.rotationOf(tokens), Optional.empty(), Optional.empty());
    }
}
