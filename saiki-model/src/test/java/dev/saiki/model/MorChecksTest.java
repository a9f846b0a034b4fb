package dev.saiki.model;

import static dev.saiki.testkit.NativeAssertions.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.accounting.Accounting;
import dev.saiki.checkpoint.config.Architecture;
import dev.saiki.checkpoint.config.CausalBy;
import dev.saiki.checkpoint.config.Gating;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.LayerMap;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.config.ParameterSharing;
import dev.saiki.checkpoint.config.QueryKeyNorm;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.checkpoint.config.RopeScaling;
import dev.saiki.checkpoint.config.Rotation;
import dev.saiki.checkpoint.config.RouterFunction;
import dev.saiki.checkpoint.config.RouterType;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.checkpoint.config.TokenGate;
import dev.saiki.model.attention.AttentionWeights;
import dev.saiki.model.attention.CausalSelfAttention;
import dev.saiki.model.attention.KeyValues;
import dev.saiki.model.attention.Linear;
import dev.saiki.model.attention.Norm;
import dev.saiki.model.attention.RotaryEmbedding;
import dev.saiki.model.attention.Rotations;
import dev.saiki.model.attention.Sight;
import dev.saiki.model.routing.ActiveTokens;
import dev.saiki.model.routing.ExpertChoice;
import dev.saiki.model.routing.RandomScores;
import dev.saiki.model.routing.RouterHead;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.model.routing.RoutingResult;
import dev.saiki.model.routing.TokenChoice;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Device;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import dev.saiki.testkit.TinyModels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The checks that follow from the method's definition, numbered as in the project's fact sheet. Check 13, the
/// trapezoid schedule, is in the tests of schedules.
class MorChecksTest {

    private static final int TIME = 12;
    private static final int HIDDEN = 8;

    // ---- 1 ----

    @Test
    void check01OwnershipOfEveryStrategyAndOneStorageASharedLayer() {
        assertThat(LayerMap.of(new Recursion(ParameterSharing.CYCLE, 3), 9).uniqueOf())
                .containsExactly(0, 1, 2, 0, 1, 2, 0, 1, 2);
        assertThat(LayerMap.of(new Recursion(ParameterSharing.SEQUENCE, 3), 9).uniqueOf())
                .containsExactly(0, 0, 0, 1, 1, 1, 2, 2, 2);
        assertThat(LayerMap.of(new Recursion(ParameterSharing.MIDDLE_CYCLE, 2), 8)
                        .uniqueOf())
                .containsExactly(0, 1, 2, 3, 1, 2, 3, 4);
        assertThat(LayerMap.of(new Recursion(ParameterSharing.MIDDLE_SEQUENCE, 2), 8)
                        .uniqueOf())
                .containsExactly(0, 1, 1, 2, 2, 3, 3, 4);
        try (ModelWeights weights = ModelWeights.initialize(TinyModels.recursive(), 1, false)) {
            long layers = weights.parameters().keySet().stream()
                    .filter(name -> name.endsWith("q_proj.weight"))
                    .count();
            assertThat(layers).isEqualTo(4);
            assertThat(weights.flat().count())
                    .isEqualTo(weights.parameters().values().stream()
                            .mapToLong(Tensor::count)
                            .sum());
        }
    }

    @Test
    void check01ChangingASharedLayerChangesEveryRecursion() {
        ModelConfig config = TinyModels.recursive();
        int[] ids = sequence(1, TIME);
        try (ModelWeights weights = ModelWeights.initialize(config, 1, false);
                TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            List<float[]> before = hiddenAtDepths(scorer, ids);
            parameter(weights, "model.layers.1.mlp.down_proj.weight").fillInPlace(0);
            List<float[]> after = hiddenAtDepths(scorer, ids);
            for (int depth = 1; depth <= 3; depth++) {
                assertThat(after.get(depth - 1)).isNotEqualTo(before.get(depth - 1));
            }
            // With the whole shared block silenced, further recursions change nothing: all of them used these weights.
            for (int layer = 1; layer <= 2; layer++) {
                silence(weights, layer);
            }
            List<float[]> silent = hiddenAtDepths(scorer, ids);
            assertThat(silent.get(1)).isEqualTo(silent.get(0));
            assertThat(silent.get(2)).isEqualTo(silent.get(0));
        }
    }

    private static void silence(ModelWeights weights, int layer) {
        for (String part : List.of("self_attn.o_proj", "mlp.down_proj")) {
            parameter(weights, "model.layers." + layer + "." + part + ".weight").fillInPlace(0);
        }
    }

    private static Tensor parameter(ModelWeights weights, String name) {
        return Objects.requireNonNull(weights.parameters().get(name), name);
    }

    private static List<float[]> hiddenAtDepths(TeacherForcedScorer scorer, int[] ids) {
        List<float[]> logits = new ArrayList<>();
        for (int depth = 1; depth <= 3; depth++) {
            logits.add(scorer.logits(List.of(ids), new ScoreOptions(RoutingRequest.Rule.CAUSAL, depth, Double.NaN)));
        }
        return logits;
    }

    // ---- 2 ----

    @Test
    void check02ParameterCounts() {
        ModelConfig paper = new ModelConfig(
                        960,
                        2560,
                        32,
                        15,
                        5,
                        64,
                        49_152,
                        2048,
                        1e-5,
                        10_000,
                        true,
                        0.02,
                        OptionalInt.of(0),
                        List.of(0),
                        Architecture.LLAMA,
                        Optional.empty(),
                        new Routing.None(),
                        KeyValueSharing.NONE)
                .withRecursion(
                        Optional.of(new Recursion(ParameterSharing.MIDDLE_CYCLE, 3)),
                        TinyModels.expertChoice(KeyValueSharing.NONE).routing(),
                        KeyValueSharing.NONE);
        assertThat(Accounting.of(paper).nonEmbeddingParameters()).isEqualTo(117_991_680);
        for (ModelConfig config : everyKind()) {
            try (ModelWeights weights = ModelWeights.initialize(config, 1, false)) {
                assertThat(weights.count()).isEqualTo(Accounting.of(config).totalParameters());
            }
        }
    }

    // ---- 3 ----

    @Test
    void check03EachStepKeepsTruncatedCapacityOfTheWholeLengthInOrderAndAmongTheSurvivors() {
        List<int[]> kept = new ArrayList<>();
        try (TensorScope _ = TensorScope.open()) {
            Tensor hidden = random(5, 2 * 2048, HIDDEN);
            expertChoice(3, List.of(1.0, 2.0 / 3, 1.0 / 3), Gating.WEIGHTED, RouterFunction.SIGMOID)
                    .run(
                            hidden,
                            2,
                            2048,
                            (_, _, rows, active) -> {
                                kept.add(active.positions(0).clone());
                                assertThat(active.positions(1)).hasSameSizeAs(active.positions(0));
                                return rows;
                            },
                            topK());
        }
        assertThat(kept.stream().map(positions -> positions.length)).containsExactly(2048, 1365, 682);
        for (int step = 0; step < 3; step++) {
            assertThat(kept.get(step)).isSorted().doesNotHaveDuplicates();
            if (step > 0) {
                assertThat(boxed(kept.get(step - 1))).containsAll(boxed(kept.get(step)));
            }
        }
    }

    @Test
    void check03EqualScoresGoToTheEarlierPosition() {
        try (TensorScope _ = TensorScope.open()) {
            Tensor equal = Tensors.zeros(DType.FLOAT32, TIME, HIDDEN);
            List<int[]> kept = new ArrayList<>();
            expertChoice(2, List.of(1.0, 0.5), Gating.WEIGHTED, RouterFunction.SIGMOID)
                    .run(
                            equal,
                            1,
                            TIME,
                            (_, _, rows, active) -> {
                                kept.add(active.positions(0).clone());
                                return rows;
                            },
                            topK());
            assertThat(kept.get(1)).containsExactly(0, 1, 2, 3, 4, 5);
        }
    }

    // ---- 4 ----

    @Test
    void check04AdditiveGatingAddsTheWholeBlockAndWeightedAtMostATenth() {
        try (TensorScope _ = TensorScope.open()) {
            Tensor hidden = random(3, TIME, HIDDEN);
            Tensor output = random(4, TIME, HIDDEN);
            float[] additive = expertChoice(1, List.of(1.0), Gating.ADDITIVE, RouterFunction.SIGMOID)
                    .run(hidden, 1, TIME, (_, _, _, _) -> output, topK())
                    .hidden()
                    .toFloats();
            assertClose("H + f(H)", additive, hidden.add(output).toFloats(), 1e-6);
            float[] weighted = expertChoice(1, List.of(1.0), Gating.WEIGHTED, RouterFunction.SIGMOID)
                    .run(hidden, 1, TIME, (_, _, _, _) -> output, topK())
                    .hidden()
                    .subtract(hidden)
                    .toFloats();
            float[] whole = output.toFloats();
            for (int i = 0; i < weighted.length; i++) {
                assertThat(weighted[i] / whole[i]).isStrictlyBetween(0f, 0.1f);
            }
        }
    }

    // ---- 5, 6, 7 ----

    private static final CausalSelfAttention ATTENTION =
            new CausalSelfAttention(2, 1, 4, new Norm(1e-6, 0, false), 0.5, OptionalDouble.empty());

    private static final Sight EVERYTHING = new Sight(OptionalInt.empty(), Rotation.USUAL);

    private static AttentionWeights plain(Tensor projection) {
        return new AttentionWeights(
                new Linear(List.of(new Linear.Part(projection, Optional.empty(), Optional.empty())), List.of()),
                QueryKeyNorm.NONE,
                Optional.empty(),
                Optional.empty());
    }

    @Test
    void check05SelectedTokensSeeNeitherUnselectedOnesNorAnotherRecursion() {
        try (TensorScope _ = TensorScope.open();
                RotaryEmbedding rotary = new RotaryEmbedding(
                        new RopeScaling.None().frequencies(4, 10_000), 1, false, TIME, DType.FLOAT32, Device.CPU);
                ActiveTokens some = ActiveTokens.of(Device.CPU, TIME, new int[][] {{1, 4, 5, 9}});
                KeyValues keyValues = new KeyValues()) {
            Tensor projection = random(1, 16, HIDDEN);
            float[] states = random(2, TIME, HIDDEN).toFloats();
            float[] first = attend(states, projection, some, rotary, keyValues);
            float[] changed = states.clone();
            Arrays.fill(changed, 2 * HIDDEN, 4 * HIDDEN, 9f);
            assertThat(attend(changed, projection, some, rotary, keyValues)).isEqualTo(first);
            changed[4 * HIDDEN] += 1;
            assertThat(attend(changed, projection, some, rotary, keyValues)).isNotEqualTo(first);
        }
    }

    private static float[] attend(
            float[] states, Tensor projection, ActiveTokens active, RotaryEmbedding rotary, KeyValues keyValues) {
        Tensor rows = Tensors.of(states, TIME, HIDDEN).rows(active.rows());
        return ATTENTION
                .attend(
                        rows,
                        plain(projection),
                        EVERYTHING,
                        active,
                        rotations(rotary, active),
                        keyValues,
                        new KeyValues.Source.Own(),
                        0)
                .toFloats();
    }

    @Test
    void check06SharedKeysComputingSelectedQueriesOnlyEqualsComputingAllAndSelecting() {
        try (TensorScope _ = TensorScope.open();
                RotaryEmbedding rotary = new RotaryEmbedding(
                        new RopeScaling.None().frequencies(4, 10_000), 1, false, TIME, DType.FLOAT32, Device.CPU);
                ActiveTokens all = ActiveTokens.all(Device.CPU, 2, TIME);
                ActiveTokens some = ActiveTokens.of(Device.CPU, TIME, new int[][] {{1, 4, 5, 9}, {0, 11}});
                KeyValues keyValues = new KeyValues()) {
            Tensor projection = random(1, 16, HIDDEN);
            Tensor firstRecursion = random(2, 2 * TIME, HIDDEN);
            ATTENTION.attend(
                    firstRecursion,
                    plain(projection),
                    EVERYTHING,
                    all,
                    rotations(rotary, all),
                    keyValues,
                    new KeyValues.Source.OwnAndKeep(),
                    0);
            Tensor later = random(3, 2 * TIME, HIDDEN);
            Tensor everyQuery = ATTENTION.attend(
                    later,
                    plain(projection),
                    EVERYTHING,
                    all,
                    rotations(rotary, all),
                    keyValues,
                    new KeyValues.Source.Kept(),
                    0);
            Tensor selectedQueries = ATTENTION.attend(
                    later.rows(some.rows()),
                    plain(projection),
                    EVERYTHING,
                    some,
                    rotations(rotary, some),
                    keyValues,
                    new KeyValues.Source.Kept(),
                    0);
            assertClose(
                    "attention of selected queries",
                    selectedQueries.toFloats(),
                    everyQuery.rows(some.rows()).toFloats(),
                    1e-5);
        }
    }

    @Test
    void rowsThatFillASetUpChangeNothingForItsTokens() {
        for (int[][] positions : List.of(
                new int[][] {{1, 4, 5, 9, 10}}, new int[][] {{1, 4, 5}, {0, 9, 11}}, new int[][] {{2}, {0, 7, 8, 9}})) {
            try (TensorScope _ = TensorScope.open();
                    RotaryEmbedding rotary = new RotaryEmbedding(
                            new RopeScaling.None().frequencies(4, 10_000), 1, false, TIME, DType.FLOAT32, Device.CPU);
                    ActiveTokens some = ActiveTokens.of(Device.CPU, TIME, positions);
                    ActiveTokens filled = some.filledUp(4);
                    KeyValues keyValues = new KeyValues()) {
                assertThat(filled.computedRows()).isEqualTo(8);
                Tensor projection = random(1, 16, HIDDEN);
                Tensor rows = random(2, positions.length * TIME, HIDDEN).rows(some.rows());
                Tensor more = Tensors.concatenate(List.of(rows, random(3, 8 - some.count(), HIDDEN)), 0);
                Tensor plain = ATTENTION.attend(
                        rows,
                        plain(projection),
                        EVERYTHING,
                        some,
                        rotations(rotary, some),
                        keyValues,
                        new KeyValues.Source.Own(),
                        0);
                Tensor withMore = ATTENTION.attend(
                        more,
                        plain(projection),
                        EVERYTHING,
                        filled,
                        rotations(rotary, filled),
                        keyValues,
                        new KeyValues.Source.Own(),
                        0);
                assertThat(withMore.size(0)).isEqualTo(8);
                assertClose(
                        "attention of " + Arrays.deepToString(positions),
                        withMore.narrow(0, 0, some.count()).toFloats(),
                        plain.toFloats(),
                        1e-6);
            }
        }
    }

    @Test
    void check07SelectedTokenKeepsTheAngleOfItsTruePosition() {
        try (TensorScope _ = TensorScope.open();
                RotaryEmbedding rotary = new RotaryEmbedding(
                        new RopeScaling.None().frequencies(4, 10_000), 1, false, TIME, DType.FLOAT32, Device.CPU);
                ActiveTokens some = ActiveTokens.of(Device.CPU, TIME, new int[][] {{3, 7}})) {
            RotaryEmbedding.Rotation rotation = rotary.rotationOf(some);
            float[] cosine = rotation.cosine().toFloats();
            float[] sine = rotation.sine().toFloats();
            assertThat(cosine[0]).isCloseTo((float) Math.cos(3), within(1e-6f));
            assertThat(cosine[1]).isCloseTo((float) Math.cos(3 * 0.01), within(1e-6f));
            assertThat(sine[2]).isCloseTo((float) Math.sin(7), within(1e-6f));
            float[] turned = RotaryEmbedding.rotate(Tensors.of(new float[] {1, 0, 0, 0, 1, 0, 0, 0}, 2, 1, 4), rotation)
                    .toFloats();
            // Rotate-half: dimension 0 turns against dimension 2.
            assertThat(turned[2]).isCloseTo((float) Math.sin(3), within(1e-6f));
            assertThat(turned[6]).isCloseTo((float) Math.sin(7), within(1e-6f));
        }
    }

    // ---- 8 ----

    @Test
    void check08LaterTokensChangeNoEarlierLogprobOrDepthUnderCausalRouting() {
        for (ModelConfig config : everyKind()) {
            assertThat(prefixChanges(config, RoutingRequest.Rule.CAUSAL))
                    .describedAs("positions before a changed token that differ, %s", config.routing())
                    .isZero();
        }
    }

    @Test
    void check08TopKRoutingFailsTheSameTest() {
        assertThat(prefixChanges(TinyModels.expertChoice(KeyValueSharing.NONE), RoutingRequest.Rule.TOP_K))
                .isPositive();
    }

    /// Counts, over many sequences and changed positions, the earlier positions whose logprob or depth moved.
    private static int prefixChanges(ModelConfig config, RoutingRequest.Rule rule) {
        ScoreOptions options = new ScoreOptions(rule, RoutingRequest.UNBOUNDED, Double.NaN);
        int changes = 0;
        Random random = new Random(11);
        try (ModelWeights weights = ModelWeights.initialize(config, 4, false);
                TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            spreadRouterScores(weights);
            for (int trial = 0; trial < 20; trial++) {
                int[] ids = sequence(trial, TIME);
                int changed = 1 + random.nextInt(TIME - 1);
                int[] other = ids.clone();
                for (int t = changed; t < TIME; t++) {
                    other[t] = (ids[t] + 1 + random.nextInt(TinyModels.VOCABULARY - 1)) % TinyModels.VOCABULARY;
                }
                ScoredSequence before = scorer.score(List.of(ids), options).getFirst();
                ScoredSequence after = scorer.score(List.of(other), options).getFirst();
                for (int t = 0; t < changed; t++) {
                    boolean sameDepth = before.depths()[t] == after.depths()[t];
                    boolean sameLogprob = t == 0 || Math.abs(before.logprobs()[t] - after.logprobs()[t]) < 1e-4;
                    changes += sameDepth && sameLogprob ? 0 : 1;
                }
            }
        }
        return changes;
    }

    @Test
    void causalDepthsOfTheTestModelsReallyVary() {
        for (ModelConfig config : everyKind()) {
            if (!config.isRouted()) {
                continue;
            }
            try (ModelWeights weights = ModelWeights.initialize(config, 4, false);
                    TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
                spreadRouterScores(weights);
                List<int[]> sequences = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    sequences.add(sequence(i, TIME));
                }
                assertThat(scorer.score(sequences, ScoreOptions.CAUSAL).stream()
                                .flatMapToInt(scored -> Arrays.stream(scored.depths()))
                                .distinct()
                                .count())
                        .describedAs("distinct depths under %s", config.routing())
                        .isGreaterThan(1);
            }
        }
    }

    @Test
    void sequencesOfABatchDoNotSeeEachOther() {
        for (ModelConfig config : everyKind()) {
            try (ModelWeights weights = ModelWeights.initialize(config, 4, false);
                    TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
                spreadRouterScores(weights);
                List<int[]> sequences = List.of(sequence(1, TIME), sequence(2, TIME), sequence(3, 5));
                List<ScoredSequence> together = scorer.score(sequences, ScoreOptions.CAUSAL);
                for (int i = 0; i < sequences.size(); i++) {
                    ScoredSequence alone = scorer.score(List.of(sequences.get(i)), ScoreOptions.CAUSAL)
                            .getFirst();
                    assertThat(together.get(i).depths()).isEqualTo(alone.depths());
                    for (int t = 1; t < alone.logprobs().length; t++) {
                        assertThat(together.get(i).logprobs()[t]).isCloseTo(alone.logprobs()[t], within(1e-4f));
                    }
                }
            }
        }
    }

    @Test
    void tokensThatLeftKeepTheirLastState() {
        try (TensorScope _ = TensorScope.open()) {
            Tensor hidden = random(3, TIME, HIDDEN);
            float[] input = hidden.toFloats();
            RoutingResult result = expertChoice(2, List.of(1.0, 0.5), Gating.WEIGHTED, RouterFunction.SIGMOID)
                    .run(hidden, 1, TIME, (step, _, rows, _) -> rows.multiply(step == 0 ? 0 : 1), topK());
            float[] output = result.hidden().toFloats();
            for (int t = 0; t < TIME; t++) {
                boolean left = result.depths().of(0)[t] == 1;
                assertThat(output[t * HIDDEN] == input[t * HIDDEN])
                        .describedAs("token %d unchanged", t)
                        .isEqualTo(left);
            }
        }
    }

    // ---- 9, 10, 11 ----

    @Test
    void check09AuxiliaryLossOfTheFirstRecursionIsMeanSoftplusOfTheNegatedLogit() {
        try (TensorScope _ = TensorScope.open();
                ActiveTokens everyone = ActiveTokens.all(Device.CPU, 1, TIME)) {
            Tensor hidden = random(3, TIME, HIDDEN);
            RouterHead router = new RouterHead(List.of(random(9, 1, HIDDEN)), 1);
            RoutingResult result = expertChoice(
                            1, List.of(1.0), Gating.WEIGHTED, RouterFunction.SIGMOID, List.of(router))
                    .run(hidden, 1, TIME, (_, _, rows, _) -> rows, training());
            double expected = 0;
            for (float logit : router.logits(hidden, everyone).toFloats()) {
                expected += Math.log1p(Math.exp(-logit)) / TIME;
            }
            assertThat(result.losses().auxiliary().item()).isCloseTo(expected, within(1e-6));
        }
    }

    @Test
    void check10RouterZLosses() {
        try (TensorScope _ = TensorScope.open();
                ActiveTokens everyone = ActiveTokens.all(Device.CPU, 1, TIME)) {
            Tensor hidden = random(3, TIME, HIDDEN);
            RouterHead router = new RouterHead(List.of(random(9, 1, HIDDEN)), 1);
            RoutingResult expert = expertChoice(
                            1, List.of(1.0), Gating.WEIGHTED, RouterFunction.SIGMOID, List.of(router))
                    .run(hidden, 1, TIME, (_, _, rows, _) -> rows, training());
            double expected = 0;
            for (float logit : router.logits(hidden, everyone).toFloats()) {
                expected += (double) logit * logit / TIME;
            }
            assertThat(expert.losses().routerZ().item()).isCloseTo(expected, within(1e-5));
            RoutingResult token = tokenChoiceWithZeroRouter(hidden);
            assertThat(token.losses().routerZ().item()).isCloseTo(1.2069, within(1e-4));
        }
    }

    @Test
    void check11BalancingLossOfUniformRoutingIsOne() {
        try (TensorScope _ = TensorScope.open()) {
            // With zero logits the mean probabilities are uniform, and the sum is 1 whatever the counts.
            RoutingResult result = tokenChoiceWithZeroRouter(random(3, TIME, HIDDEN));
            assertThat(result.losses().balancing().item()).isCloseTo(1, within(1e-6));
            assertThat(0.1 * result.losses().balancing().item()).isCloseTo(0.1, within(1e-6));
        }
    }

    private static RoutingResult tokenChoiceWithZeroRouter(Tensor hidden) {
        RouterHead router = new RouterHead(List.of(Tensors.zeros(DType.FLOAT32, 3, HIDDEN)), 1);
        return new TokenChoice(
                        3,
                        new Routing.TokenChoice(
                                new Routing.Router(RouterType.LINEAR, RouterFunction.SOFTMAX, 1, 1, Gating.WEIGHTED),
                                TokenGate.EVERY),
                        router,
                        Tensors.zeros(DType.FLOAT32, 3))
                .run(hidden, 1, TIME, (_, _, rows, _) -> rows, training());
    }

    // ---- 12 ----

    @Test
    void check12FlopsAndCacheShares() {
        List<Double> shares = List.of(0.75, 2.0 / 3, 0.625);
        List<Integer> batches = List.of(42, 48, 51);
        for (int n = 2; n <= 4; n++) {
            List<Double> capacity = new ArrayList<>();
            for (int step = 0; step < n; step++) {
                capacity.add((double) (n - step) / n);
            }
            ModelConfig cycle = TinyModels.vanilla()
                    .withNumHiddenLayers(12)
                    .withRecursion(
                            Optional.of(new Recursion(ParameterSharing.CYCLE, n)),
                            new Routing.ExpertChoice(
                                    new Routing.Router(
                                            RouterType.LINEAR, RouterFunction.SIGMOID, 0.1, 1, Gating.WEIGHTED),
                                    capacity,
                                    thresholds(n),
                                    CausalBy.ROUTER),
                            KeyValueSharing.NONE);
            double whole =
                    Accounting.of(TinyModels.vanilla().withNumHiddenLayers(12)).cacheBytesPerToken();
            double share = Accounting.of(cycle).cacheBytesPerToken() / whole;
            assertThat(share).isCloseTo(shares.get(n - 2), within(1e-9));
            assertThat((int) (32 / share + 1e-9)).isEqualTo(batches.get(n - 2));
        }
    }

    // ---- fixtures ----

    private static List<ModelConfig> everyKind() {
        return List.of(
                TinyModels.vanilla(),
                TinyModels.recursive(),
                TinyModels.expertChoice(KeyValueSharing.NONE),
                TinyModels.expertChoice(KeyValueSharing.RECURSIVE),
                TinyModels.expertChoice(KeyValueSharing.HYBRID),
                TinyModels.tokenChoice(KeyValueSharing.NONE),
                TinyModels.expertChoice(KeyValueSharing.COMPLETION),
                TinyModels.tokenChoice(KeyValueSharing.RECURSIVE),
                TinyModels.tokenChoice(KeyValueSharing.COMPLETION),
                TinyModels.expertThreshold(KeyValueSharing.NONE),
                TinyModels.expertThreshold(KeyValueSharing.HYBRID),
                TinyModels.position(),
                TinyModels.random(),
                TinyModels.stepGated(TinyModels.expertChoice(KeyValueSharing.HYBRID)),
                TinyModels.stepGated(TinyModels.expertThreshold(KeyValueSharing.NONE)),
                TinyModels.ownSteps(TinyModels.expertChoice(KeyValueSharing.HYBRID)),
                TinyModels.ownSteps(TinyModels.expertChoice(KeyValueSharing.COMPLETION)),
                TinyModels.ownSteps(TinyModels.tokenChoice(KeyValueSharing.RECURSIVE)));
    }

    /// Initial routers give all tokens equal scores; larger weights make depths differ.
    private static void spreadRouterScores(ModelWeights weights) {
        weights.parameters().forEach((name, tensor) -> {
            if (ParameterNames.belongsToRouter(name)) {
                tensor.multiplyInPlace(20);
            }
        });
    }

    private static ExpertChoice expertChoice(
            int numRecursions, List<Double> capacity, Gating gating, RouterFunction function) {
        List<RouterHead> routers = new ArrayList<>();
        for (int step = 0; step < numRecursions; step++) {
            routers.add(new RouterHead(List.of(random(100 + step, 1, HIDDEN)), 1));
        }
        return expertChoice(numRecursions, capacity, gating, function, routers);
    }

    private static ExpertChoice expertChoice(
            int numRecursions,
            List<Double> capacity,
            Gating gating,
            RouterFunction function,
            List<RouterHead> routers) {
        return new ExpertChoice(
                new ExpertChoice.Setting(
                        numRecursions, function, 0.1, gating, capacity, thresholds(numRecursions), false),
                routers,
                List.of(),
                Optional.empty());
    }

    private static List<Double> thresholds(int numRecursions) {
        List<Double> thresholds = new ArrayList<>();
        for (int step = 0; step < numRecursions; step++) {
            thresholds.add(step == 0 ? 0 : 0.5);
        }
        return thresholds;
    }

    private static RoutingRequest topK() {
        return RoutingRequest.evaluation(RoutingRequest.Rule.TOP_K, RoutingRequest.UNBOUNDED, Double.NaN);
    }

    private static RoutingRequest training() {
        return RoutingRequest.training(List.of(), RandomScores.causal(), false);
    }

    private static int[] sequence(long seed, int length) {
        return new Random(seed).ints(length, 0, TinyModels.VOCABULARY).toArray();
    }

    private static List<Integer> boxed(int[] values) {
        return Arrays.stream(values).boxed().toList();
    }

    private static Tensor random(long seed, int rows, int columns) {
        Random random = new Random(seed);
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensors.of(values, rows, columns);
    }

    private static Rotations rotations(RotaryEmbedding rotary, ActiveTokens tokens) {
        return new Rotations(rotary.rotationOf(tokens), Optional.empty(), Optional.empty());
    }
}
