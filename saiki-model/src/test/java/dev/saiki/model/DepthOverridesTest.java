package dev.saiki.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.config.ParameterSharing;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.model.routing.DepthOverrides;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.testkit.NativeAssertions;
import dev.saiki.testkit.TinyModels;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Forced depths, and the router's reported decisions, with every kind of router.
class DepthOverridesTest {

    private static final int TIME = 20;

    static Stream<ModelConfig> routed() {
        return Stream.of(
                TinyModels.expertChoice(KeyValueSharing.NONE),
                TinyModels.expertChoice(KeyValueSharing.RECURSIVE),
                TinyModels.expertChoice(KeyValueSharing.HYBRID),
                TinyModels.tokenChoice(KeyValueSharing.NONE),
                TinyModels.expertChoice(KeyValueSharing.COMPLETION),
                TinyModels.tokenChoice(KeyValueSharing.RECURSIVE),
                TinyModels.expertThreshold(KeyValueSharing.NONE),
                TinyModels.random());
    }

    @ParameterizedTest
    @MethodSource("routed")
    void depthsForcedAsRoutedChangeNoBit(ModelConfig config) {
        try (Model model = new Model(config)) {
            List<ScoredSequence> routed = model.scorer.score(sequences(), ScoreOptions.CAUSAL);
            DepthOverrides same = DepthOverrides.of(
                    routed.stream().map(ScoredSequence::depths).toList());
            List<ScoredSequence> forced = model.scorer.score(sequences(), ScoreOptions.CAUSAL.withForced(same));
            for (int b = 0; b < routed.size(); b++) {
                assertThat(forced.get(b).logprobs()).isEqualTo(routed.get(b).logprobs());
                assertThat(forced.get(b).depths()).isEqualTo(routed.get(b).depths());
            }
            assertThat(routed.stream().flatMapToInt(scored -> Arrays.stream(scored.depths())))
                    .contains(1, 2, 3);
        }
    }

    static Stream<ModelConfig> fixed() {
        return Stream.of(KeyValueSharing.NONE, KeyValueSharing.RECURSIVE)
                .map(sharing -> TinyModels.recursive()
                        .withRecursion(TinyModels.recursive().recursion(), new Routing.None(), sharing));
    }

    @ParameterizedTest
    @MethodSource("fixed")
    void withoutARouterForcedDepthsAreThoseOfABound(ModelConfig config) {
        try (Model model = new Model(config)) {
            for (int depth = 1; depth <= 3; depth++) {
                ScoreOptions bounded = new ScoreOptions(RoutingRequest.Rule.CAUSAL, depth, Double.NaN);
                List<ScoredSequence> expected = model.scorer.score(sequences(), bounded);
                List<ScoredSequence> forced =
                        model.scorer.score(sequences(), ScoreOptions.CAUSAL.withForced(all(depth)));
                for (int b = 0; b < expected.size(); b++) {
                    assertThat(forced.get(b).logprobs())
                            .isEqualTo(expected.get(b).logprobs());
                    assertThat(forced.get(b).depths()).containsOnly(depth);
                }
            }
        }
    }

    static Stream<ModelConfig> everyKind() {
        return Stream.concat(routed(), fixed());
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void aWatchedTokenIsToldWhole(ModelConfig config) {
        int position = 9;
        List<int[]> watched =
                IntStream.range(0, 4).mapToObj(_ -> new int[] {3, position}).toList();
        try (Model model = new Model(config)) {
            ScoreOptions watching = ScoreOptions.CAUSAL.withWatched(watched);
            List<TracedSequence> shallow = model.scorer.trace(
                    sequences(), watching.withForced(DepthOverrides.of(allAsRoutedBut(position, 2))));
            List<TracedSequence> deep = model.scorer.trace(
                    sequences(), watching.withForced(DepthOverrides.of(allAsRoutedBut(position, 3))));
            float[] logits = model.scorer.logits(
                    sequences(), ScoreOptions.CAUSAL.withForced(DepthOverrides.of(allAsRoutedBut(position, 3))));
            for (int b = 0; b < 4; b++) {
                assertThat(deep.get(b).watched()).hasSize(2);
                WatchedToken token = deep.get(b).watched().get(1);
                assertThat(token.position()).isEqualTo(position);
                assertThat(token.inputs()).hasSize(3).allMatch(state -> state.length == config.hiddenSize());
                List<float[]> shallower = shallow.get(b).watched().get(1).inputs();
                assertThat(shallower).hasSize(2);
                for (int step = 0; step < 2; step++) {
                    assertThat(shallower.get(step))
                            .containsExactly(token.inputs().get(step), within(1e-4f));
                }
                assertThat(token.inputs().get(1)).isNotEqualTo(token.inputs().get(0));
                int row = (b * TIME + position) * TinyModels.VOCABULARY;
                double sum = IntStream.range(0, TinyModels.VOCABULARY)
                        .mapToDouble(id -> Math.exp(logits[row + id]))
                        .sum();
                for (int id = 0; id < TinyModels.VOCABULARY; id++) {
                    assertThat((double) token.logprobs()[id]).isCloseTo(logits[row + id] - Math.log(sum), within(1e-4));
                }
                assertThat(deep.get(b).watched().get(0).inputs())
                        .hasSize(deep.get(b).scored().depths()[3]);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void oneForcedTokenTakesItsDepthAndChangesNothingBeforeIt(ModelConfig config) {
        try (Model model = new Model(config)) {
            List<ScoredSequence> routed = model.scorer.score(sequences(), ScoreOptions.CAUSAL);
            int position = 9;
            int effects = 0;
            for (int depth = 1; depth <= 3; depth++) {
                DepthOverrides forced = DepthOverrides.of(allAsRoutedBut(position, depth));
                List<ScoredSequence> changed = model.scorer.score(sequences(), ScoreOptions.CAUSAL.withForced(forced));
                for (int b = 0; b < routed.size(); b++) {
                    assertThat(changed.get(b).depths()[position]).isEqualTo(depth);
                    boolean asBefore = routed.get(b).depths()[position] == depth;
                    for (int t = 0; t <= position; t++) {
                        assertThat(changed.get(b).depths()[t])
                                .isEqualTo(t == position ? depth : routed.get(b).depths()[t]);
                        assertSame(changed.get(b).logprobs()[t], routed.get(b).logprobs()[t]);
                    }
                    boolean sameLoss = changed.get(b).logprobs()[position + 1]
                            == routed.get(b).logprobs()[position + 1];
                    effects += asBefore || sameLoss ? 0 : 1;
                }
            }
            assertThat(effects).isGreaterThan(4);
        }
    }

    @ParameterizedTest
    @MethodSource("routed")
    void everyTokenForcedToTheFirstDepthIsABoundOfOne(ModelConfig config) {
        try (Model model = new Model(config)) {
            ScoreOptions bounded = new ScoreOptions(RoutingRequest.Rule.CAUSAL, 1, Double.NaN);
            List<ScoredSequence> expected = model.scorer.score(sequences(), bounded);
            List<ScoredSequence> forced = model.scorer.score(sequences(), ScoreOptions.CAUSAL.withForced(all(1)));
            for (int b = 0; b < expected.size(); b++) {
                assertThat(forced.get(b).logprobs()).isEqualTo(expected.get(b).logprobs());
            }
        }
    }

    @Test
    void everyTokenForcedToFullDepthIsEffortOne() {
        try (Model model = new Model(TinyModels.expertThreshold(KeyValueSharing.NONE))) {
            ScoreOptions everything = new ScoreOptions(RoutingRequest.Rule.CAUSAL, RoutingRequest.UNBOUNDED, 1);
            List<ScoredSequence> expected = model.scorer.score(sequences(), everything);
            List<ScoredSequence> forced = model.scorer.score(sequences(), ScoreOptions.CAUSAL.withForced(all(3)));
            for (int b = 0; b < expected.size(); b++) {
                assertThat(forced.get(b).logprobs()).isEqualTo(expected.get(b).logprobs());
            }
        }
    }

    @Test
    void forcedRowsFollowTheirSequencesIntoDifferentPasses() {
        Random random = new Random(5);
        List<int[]> unlike = List.of(sequence(random, 12), sequence(random, 7), sequence(random, 7));
        List<int[]> rows = unlike.stream().map(ids -> new int[ids.length]).toList();
        rows.get(0)[3] = 3;
        rows.get(2)[5] = 2;
        try (Model model = new Model(TinyModels.expertChoice(KeyValueSharing.NONE))) {
            List<ScoredSequence> forced =
                    model.scorer.score(unlike, ScoreOptions.CAUSAL.withForced(DepthOverrides.of(rows)));
            assertThat(forced.get(0).depths()[3]).isEqualTo(3);
            assertThat(forced.get(2).depths()[5]).isEqualTo(2);
        }
    }

    @Test
    void theBoundHoldsForForcedTokensToo() {
        ScoreOptions options = new ScoreOptions(RoutingRequest.Rule.CAUSAL, 2, Double.NaN).withForced(all(3));
        for (ModelConfig config : routed().toList()) {
            try (Model model = new Model(config)) {
                assertThat(model.scorer.score(sequences(), options).getFirst().depths())
                        .containsOnly(2);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("routed")
    void theTraceTellsOnWhichSideOfTheThresholdATokenWas(ModelConfig config) {
        try (Model model = new Model(config)) {
            List<TracedSequence> traced = model.scorer.trace(sequences(), ScoreOptions.CAUSAL);
            List<ScoredSequence> scored = model.scorer.score(sequences(), ScoreOptions.CAUSAL);
            for (int b = 0; b < traced.size(); b++) {
                TracedSequence one = traced.get(b);
                assertThat(one.scored().depths()).isEqualTo(scored.get(b).depths());
                for (int t = 0; t < TIME; t++) {
                    assertSame(one.scored().logprobs()[t], scored.get(b).logprobs()[t]);
                    int depth = one.scored().depths()[t];
                    for (int step = 1; step <= Math.min(depth, 2); step++) {
                        assertThat(one.confidences().get(step)[t]).isBetween(0f, 1f);
                        assertThat(one.margins().get(step)[t] >= 0).isEqualTo(depth > step);
                    }
                }
            }
        }
    }

    @Test
    void theTraceSaysWhatTheRouterWantedAndNotWhatWasForced() {
        try (Model model = new Model(TinyModels.expertChoice(KeyValueSharing.NONE))) {
            List<TracedSequence> free = model.scorer.trace(sequences(), ScoreOptions.CAUSAL);
            List<TracedSequence> forced = model.scorer.trace(sequences(), ScoreOptions.CAUSAL.withForced(all(3)));
            for (int b = 0; b < free.size(); b++) {
                assertThat(forced.get(b).margins().get(1))
                        .isEqualTo(free.get(b).margins().get(1));
                for (float margin : forced.get(b).margins().get(2)) {
                    assertThat(margin).isNotNaN();
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("routed")
    void laterTokensChangeNothingOfTheTraceBeforeThem(ModelConfig config) {
        int changed = 12;
        List<int[]> others = sequences();
        others.forEach(ids -> {
            for (int t = changed; t < TIME; t++) {
                ids[t] = (ids[t] + 1 + t) % TinyModels.VOCABULARY;
            }
        });
        DepthOverrides forced = DepthOverrides.of(allAsRoutedBut(4, 3));
        try (Model model = new Model(config)) {
            List<TracedSequence> before = model.scorer.trace(sequences(), ScoreOptions.CAUSAL.withForced(forced));
            List<TracedSequence> after = model.scorer.trace(others, ScoreOptions.CAUSAL.withForced(forced));
            for (int b = 0; b < before.size(); b++) {
                for (int t = 0; t < changed; t++) {
                    assertThat(after.get(b).scored().depths()[t])
                            .isEqualTo(before.get(b).scored().depths()[t]);
                    assertSame(
                            after.get(b).scored().logprobs()[t],
                            before.get(b).scored().logprobs()[t]);
                    assertSame(after.get(b).entropies()[t], before.get(b).entropies()[t]);
                    for (int step = 1; step < 3; step++) {
                        assertSame(
                                after.get(b).confidences().get(step)[t],
                                before.get(b).confidences().get(step)[t]);
                    }
                }
            }
        }
    }

    @Test
    void likeliestAndEntropyAreThoseOfTheLogits() {
        try (Model model = new Model(TinyModels.expertChoice(KeyValueSharing.NONE))) {
            float[] logits = model.scorer.logits(sequences(), ScoreOptions.CAUSAL);
            List<TracedSequence> traced = model.scorer.trace(sequences(), ScoreOptions.CAUSAL);
            int vocabulary = TinyModels.VOCABULARY;
            for (int b = 0; b < traced.size(); b++) {
                for (int t = 0; t + 1 < TIME; t++) {
                    int row = (b * TIME + t) * vocabulary;
                    float[] own = Arrays.copyOfRange(logits, row, row + vocabulary);
                    double sum = IntStream.range(0, vocabulary)
                            .mapToDouble(i -> Math.exp(own[i]))
                            .sum();
                    double entropy = 0;
                    int best = 0;
                    for (int i = 0; i < vocabulary; i++) {
                        double p = Math.exp(own[i]) / sum;
                        entropy -= p * Math.log(p);
                        best = own[i] > own[best] ? i : best;
                    }
                    assertThat((double) traced.get(b).entropies()[t]).isCloseTo(entropy, within(1e-4));
                    assertThat(traced.get(b).likeliest()[t + 1])
                            .isEqualTo(best == sequences().get(b)[t + 1]);
                }
            }
        }
    }

    @Test
    void wrongForcedDepthsAreRefused() {
        assertThatThrownBy(() -> DepthOverrides.of(List.of(new int[] {-1})))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must be at least 0, got -1");
        assertThatThrownBy(() -> RoutingRequest.evaluation(RoutingRequest.Rule.TOP_K, 3, Double.NaN)
                        .withForced(all(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("requires causal routing");
        for (ModelConfig config : routed().toList()) {
            try (Model model = new Model(config)) {
                assertRefused(model, all(4), "a forced depth must be from 0 to 3, got 4");
                assertRefused(model, DepthOverrides.of(List.of(new int[TIME])), "must cover 4 sequences, got 1");
                assertRefused(
                        model,
                        DepthOverrides.of(IntStream.range(0, 4)
                                .mapToObj(_ -> new int[TIME + 1])
                                .toList()),
                        "must cover at most 20 tokens, got 21");
            }
        }
        ModelConfig inPlace = TinyModels.recursive()
                .withRecursion(
                        Optional.of(new Recursion(ParameterSharing.MIDDLE_SEQUENCE, 3)),
                        new Routing.None(),
                        KeyValueSharing.NONE);
        try (Model model = new Model(inPlace)) {
            assertRefused(model, all(1), "where layers are repeated in place");
        }
    }

    @Test
    void forcedDepthsWithoutARouterLeakNoNativeMemory() throws Exception {
        try (Model model = new Model(TinyModels.recursive())) {
            ScoreOptions forced = ScoreOptions.CAUSAL.withForced(DepthOverrides.of(allAsRoutedBut(9, 2)));
            NativeAssertions.assertNoNativeLeak(() -> model.scorer.score(sequences(), forced));
        }
    }

    @Test
    void tracingLeaksNoNativeMemory() throws Exception {
        try (Model model = new Model(TinyModels.expertChoice(KeyValueSharing.NONE))) {
            ScoreOptions watching = ScoreOptions.CAUSAL.withWatched(
                    IntStream.range(0, 4).mapToObj(_ -> new int[] {3, 9}).toList());
            NativeAssertions.assertNoNativeLeak(() -> model.scorer.trace(sequences(), watching));
        }
    }

    private static void assertRefused(Model model, DepthOverrides forced, String why) {
        assertThatThrownBy(() -> model.scorer.score(sequences(), ScoreOptions.CAUSAL.withForced(forced)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }

    private static void assertSame(float actual, float expected) {
        if (Float.isNaN(expected)) {
            assertThat(actual).isNaN();
        } else {
            assertThat(actual).isCloseTo(expected, within(1e-4f));
        }
    }

    /// A tiny model whose router gives different scores.
    private static final class Model implements AutoCloseable {

        private final ModelWeights weights;
        private final TeacherForcedScorer scorer;

        Model(ModelConfig config) {
            weights = ModelWeights.initialize(config, 4, false);
            weights.parameters().forEach((name, tensor) -> {
                if (ParameterNames.belongsToRouter(name)) {
                    tensor.multiplyInPlace(20);
                }
            });
            scorer = new TeacherForcedScorer(weights, Precision.FLOAT32);
        }

        @Override
        public void close() {
            scorer.close();
            weights.close();
        }
    }

    private static List<int[]> allAsRoutedBut(int position, int depth) {
        return IntStream.range(0, 4)
                .mapToObj(_ -> {
                    int[] row = new int[TIME];
                    row[position] = depth;
                    return row;
                })
                .toList();
    }

    private static DepthOverrides all(int depth) {
        return DepthOverrides.of(IntStream.range(0, 4)
                .mapToObj(_ -> {
                    int[] row = new int[TIME];
                    Arrays.fill(row, depth);
                    return row;
                })
                .toList());
    }

    private static List<int[]> sequences() {
        Random random = new Random(11);
        return IntStream.range(0, 4).mapToObj(_ -> sequence(random, TIME)).toList();
    }

    private static int[] sequence(Random random, int length) {
        return random.ints(length, 0, TinyModels.VOCABULARY).toArray();
    }
}
