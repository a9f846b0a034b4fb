package dev.saiki.model;

import static dev.saiki.testkit.NativeAssertions.assertNoNativeLeak;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.config.ExitPoints;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterSharing;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.model.EarlyExit.Confidence;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.testkit.TinyModels;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Tokens that exit early in a model that was trained without exits.
class EarlyExitTest {

    private static final int TIME = 20;
    private static final long SEED = 5;

    /// A model, and the points at which its tokens can exit.
    record Kind(String name, ModelConfig config, ExitPoints points) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Kind> kinds() {
        ModelConfig vanilla = TinyModels.vanilla();
        ModelConfig middle = TinyModels.recursive();
        return Stream.of(
                new Kind("vanilla", vanilla, ExitPoints.of(vanilla, 1, false)),
                new Kind("vanilla, every third layer", vanilla, ExitPoints.of(vanilla, 3, false)),
                new Kind("middle cycle", middle, ExitPoints.of(middle, 1, false)),
                new Kind("middle cycle, without the last layer", middle, ExitPoints.of(middle, 1, true)),
                kind(ParameterSharing.MIDDLE_CYCLE, KeyValueSharing.RECURSIVE),
                kind(ParameterSharing.CYCLE, KeyValueSharing.NONE),
                kind(ParameterSharing.CYCLE, KeyValueSharing.RECURSIVE),
                kind(ParameterSharing.SEQUENCE, KeyValueSharing.NONE),
                kind(ParameterSharing.MIDDLE_SEQUENCE, KeyValueSharing.RECURSIVE));
    }

    private static Kind kind(ParameterSharing sharing, KeyValueSharing keys) {
        int layers = sharing.name().startsWith("MIDDLE") ? 8 : 6;
        ModelConfig config = TinyModels.vanilla()
                .withNumHiddenLayers(layers)
                .withRecursion(Optional.of(new Recursion(sharing, 3)), new Routing.None(), keys);
        return new Kind(sharing + ", keys " + keys, config, ExitPoints.of(config, 1, false));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aThresholdThatNobodyReachesChangesNotOneBit(Kind kind) throws Exception {
        for (Confidence confidence : Confidence.values()) {
            withScorer(kind.config(), (weights, scorer) -> {
                List<Continuation> texts = texts(5);
                List<ScoredContinuation> plain = scorer.scoreEnds(texts, ScoreOptions.CAUSAL);
                List<ExitedContinuation> exited =
                        scorer.scoreEndsWithExits(texts, new EarlyExit(kind.points(), confidence, EarlyExit.NEVER));
                for (int i = 0; i < texts.size(); i++) {
                    assertThat(exited.get(i).logprobs()).isEqualTo(plain.get(i).logprobs());
                    assertThat(exited.get(i).leftAfter())
                            .containsOnly(kind.config().numHiddenLayers());
                }
            });
        }
    }

    @Test
    void atThresholdZeroEveryoneIsPredictedByTheHeadOnTheFirstState() throws Exception {
        ModelConfig config = TinyModels.vanilla();
        for (int layers : List.of(1, 2, 5)) {
            ExitPoints points = ExitPoints.of(config, layers, false);
            withScorer(config, (weights, scorer) -> {
                Map<String, StoredTensor> stored =
                        weights.stored().stream().collect(Collectors.toMap(StoredTensor::name, Function.identity()));
                try (ModelWeights cut = ModelWeights.of(config.withNumHiddenLayers(layers), stored);
                        TeacherForcedScorer shallow = new TeacherForcedScorer(cut, Precision.FLOAT32)) {
                    List<ScoredContinuation> expected = shallow.scoreEnds(texts(3), ScoreOptions.CAUSAL);
                    List<ExitedContinuation> exited =
                            scorer.scoreEndsWithExits(texts(3), new EarlyExit(points, Confidence.SOFTMAX, 0));
                    for (int i = 0; i < expected.size(); i++) {
                        assertThat(exited.get(i).logprobs())
                                .containsExactly(expected.get(i).logprobs(), within(1e-6));
                        assertThat(exited.get(i).leftAfter()).containsOnly(layers);
                    }
                }
            });
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = KeyValueSharing.class,
            names = {"NONE", "RECURSIVE"})
    void ifAllLeaveAfterOneRecursionItIsTheModelBoundedToDepthOne(KeyValueSharing keys) throws Exception {
        Kind kind = kind(ParameterSharing.MIDDLE_CYCLE, keys);
        withScorer(kind.config(), (weights, scorer) -> {
            List<ScoredContinuation> expected =
                    scorer.scoreEnds(texts(3), new ScoreOptions(RoutingRequest.Rule.CAUSAL, 1, Double.NaN));
            List<ExitedContinuation> exited =
                    scorer.scoreEndsWithExits(texts(3), new EarlyExit(kind.points(), Confidence.SATURATION, -1));
            for (int i = 0; i < expected.size(); i++) {
                assertThat(exited.get(i).logprobs())
                        .containsExactly(expected.get(i).logprobs(), within(1e-6));
            }
        });
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void everyTokenMeetsTheFateItHasWhenTheTextEndsWithIt(Kind kind) throws Exception {
        for (Confidence confidence : Confidence.values()) {
            withScorer(kind.config(), (weights, scorer) -> {
                EarlyExit never = new EarlyExit(kind.points(), confidence, EarlyExit.NEVER);
                Continuation text = texts(1).getFirst();
                EarlyExit exit = never.withThreshold(threshold(
                        scorer.scoreEndsWithExits(List.of(text), never).getFirst()));
                ExitedContinuation all =
                        scorer.scoreEndsWithExits(List.of(text), exit).getFirst();
                SlowExits slow = new SlowExits(weights, exit);
                for (int position = 0; position < text.numRead(); position++) {
                    SlowExits.Fate fate = slow.last(Arrays.copyOf(text.ids(), position + 1));
                    assertThat(fate.margin())
                            .describedAs("no decision hangs on rounding")
                            .isGreaterThan(1e-6);
                    assertThat(all.leftAfter()[position])
                            .describedAs("%s, seed %d, position %d", confidence, SEED, position)
                            .isEqualTo(fate.leftAfter());
                    assertThat(all.logprobs()[position])
                            .isCloseTo(fate.logprobs()[text.ids()[position + 1]], within(2e-5));
                }
                assertThat(Arrays.stream(all.leftAfter()).distinct().count())
                        .describedAs("tokens leave at unlike places")
                        .isGreaterThan(1);
            });
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void neitherLaterTokensNorOtherTextsChangeADecision(Kind kind) throws Exception {
        withScorer(kind.config(), (weights, scorer) -> {
            EarlyExit never = new EarlyExit(kind.points(), Confidence.SOFTMAX, EarlyExit.NEVER);
            List<Continuation> texts = texts(4);
            EarlyExit exit = never.withThreshold(threshold(
                    scorer.scoreEndsWithExits(texts.subList(0, 1), never).getFirst()));
            List<ExitedContinuation> together = scorer.scoreEndsWithExits(texts, exit);
            Random random = new Random(SEED);
            for (int i = 0; i < texts.size(); i++) {
                int[] ids = texts.get(i).ids().clone();
                int changed = 1 + random.nextInt(ids.length - 2);
                for (int t = changed; t < ids.length; t++) {
                    ids[t] = random.nextInt(TinyModels.VOCABULARY);
                }
                int[] alone = scorer.scoreEndsWithExits(List.of(new Continuation(ids, 1)), exit)
                        .getFirst()
                        .leftAfter();
                assertThat(Arrays.copyOf(alone, changed))
                        .isEqualTo(Arrays.copyOf(together.get(i).leftAfter(), changed));
            }
        });
    }

    @Test
    void confidencesAreOfThoseThatAreStillThereAndMemoryIsFreed() throws Exception {
        ModelConfig config = TinyModels.vanilla();
        ExitPoints points = ExitPoints.of(config, 1, false);
        withScorer(config, (weights, scorer) -> {
            EarlyExit never = new EarlyExit(points, Confidence.SATURATION, EarlyExit.NEVER);
            ExitedContinuation whole =
                    scorer.scoreEndsWithExits(texts(1), never).getFirst();
            EarlyExit exit = never.withThreshold(threshold(whole));
            ExitedContinuation exited =
                    scorer.scoreEndsWithExits(texts(1), exit).getFirst();
            assertThat(exited.confidences()).hasSize(7);
            for (int place = 0; place < 7; place++) {
                for (int token = 0; token < exited.leftAfter().length; token++) {
                    boolean asked =
                            exited.leftAfter()[token] >= points.afterLayers().get(place);
                    assertThat(Float.isNaN(exited.confidences().get(place)[token]))
                            .isNotEqualTo(asked);
                }
            }
            assertNoNativeLeak(() -> scorer.scoreEndsWithExits(texts(2), exit));
        });
    }

    /// What is done with a model.
    @FunctionalInterface
    private interface Work {
        void with(ModelWeights weights, TeacherForcedScorer scorer) throws Exception;
    }

    private static void withScorer(ModelConfig config, Work work) throws Exception {
        try (ModelWeights weights = ModelWeights.initialize(config, SEED, false);
                TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            work.with(weights, scorer);
        }
    }

    /// Half of the tokens are less sure at the second place, or the only one; half-way between two of them, so that
    /// none is equal to it.
    private static double threshold(ExitedContinuation exited) {
        float[] sorted = exited.confidences()
                .get(Math.min(1, exited.confidences().size() - 1))
                .clone();
        Arrays.sort(sorted);
        return (sorted[sorted.length / 2 - 1] + (double) sorted[sorted.length / 2]) / 2;
    }

    private static List<Continuation> texts(int count) {
        Random random = new Random(SEED);
        return IntStream.range(0, count)
                .mapToObj(i -> new Continuation(
                        random.ints(TIME - i, 0, TinyModels.VOCABULARY).toArray(), 1))
                .toList();
    }
}
