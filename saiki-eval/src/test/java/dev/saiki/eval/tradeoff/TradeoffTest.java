package dev.saiki.eval.tradeoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.accounting.SequenceCost;
import dev.saiki.checkpoint.config.CausalBy;
import dev.saiki.checkpoint.config.Gating;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterSharing;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.checkpoint.config.RouterFunction;
import dev.saiki.checkpoint.config.RouterType;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.eval.ScoringWindow;
import dev.saiki.eval.tradeoff.QualityPoint.Kind;
import dev.saiki.io.InputException;
import dev.saiki.model.EarlyExit;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredContinuation;
import dev.saiki.model.TeacherForcedScorer;
import dev.saiki.testkit.TinyModels;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Quality against compute, on models of random weights.
class TradeoffTest {

    private static final Tokenizer BYTES =
            BytePairTrainer.train(List.of("ab").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);
    private static final long SEED = 11;

    @Test
    void aVanillaModelGetsEarlyExitsThatMeetTheSharesAskedFor() {
        ModelConfig config = vanilla();
        HeldOutSplit heldOut = heldOut(config);
        for (EarlyExit.Confidence confidence : EarlyExit.Confidence.values()) {
            List<QualityPoint> points = measure(config, heldOut, exits(confidence, 0.4, 0.9, 0.6, 1.0));

            assertThat(points)
                    .extracting(QualityPoint::kind)
                    .containsExactly(
                            Kind.FULL_DEPTH, Kind.EARLY_EXIT, Kind.EARLY_EXIT, Kind.EARLY_EXIT, Kind.EARLY_EXIT);
            assertThat(points.stream().skip(1))
                    .extracting(QualityPoint::setting)
                    .containsExactly(0.4, 0.6, 0.9, 1.0);
            for (QualityPoint point : points.subList(1, 5)) {
                assertThat(point.meanLayers() / 8).isCloseTo(point.setting(), within(0.05));
                assertThat(point.flopsPerToken()).isGreaterThan(point.flopsPerTokenWithoutChecks());
                assertThat(point.meanDepth()).isEqualTo(1);
            }
            assertThat(points.subList(1, 5))
                    .extracting(QualityPoint::flopsPerTokenWithoutChecks)
                    .isSorted();
            assertThat(points.getLast().nll().mean())
                    .isCloseTo(points.getFirst().nll().mean(), within(1e-6));
        }
    }

    @Test
    void fullDepthIsThePlainModelAndItsCost() {
        ModelConfig config = vanilla();
        HeldOutSplit heldOut = heldOut(config);
        QualityPoint full = measure(config, heldOut, exits(EarlyExit.Confidence.SOFTMAX, 1.0))
                .getFirst();
        double nll = 0;
        double flops = 0;
        long scoredTokens = 0;
        long read = 0;
        try (ModelWeights weights = ModelWeights.initialize(config, SEED, false);
                TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            for (ScoringWindow window : heldOut.test()) {
                ScoredContinuation scored = scorer.scoreEnds(
                                HeldOutSplit.continuations(List.of(window)), ScoreOptions.CAUSAL)
                        .getFirst();
                nll -= scored.logLikelihood();
                scoredTokens += window.scored();
                read += scored.depths().length;
                flops += SequenceCost.of(config, scored.depths(), Integer.MAX_VALUE, window.scored())
                        .flops();
            }
        }
        assertThat(full.nll().mean()).isCloseTo(nll / scoredTokens, within(1e-6));
        assertThat(full.flopsPerToken()).isCloseTo(flops / read, within(1e-6));
        assertThat(full.flopsPerTokenWithoutChecks()).isEqualTo(full.flopsPerToken());
        assertThat(full.difference().mean()).isZero();
        assertThat(full.meanLayers()).isEqualTo(8);
    }

    @Test
    void aRecursiveModelGetsBoundsOnItsDepthBesideEarlyExits() {
        ModelConfig config = recursive(new Routing.None());
        List<QualityPoint> points = measure(
                config,
                heldOut(config),
                new TradeoffOptions(List.of(0.6), List.of(), List.of(), EarlyExit.Confidence.SATURATION, 1, false));

        assertThat(points)
                .extracting(QualityPoint::kind)
                .containsExactly(Kind.FULL_DEPTH, Kind.EARLY_EXIT, Kind.DEPTH_BOUND, Kind.DEPTH_BOUND);
        assertThat(points.get(2).meanLayers()).isEqualTo(4);
        assertThat(points.get(3).meanDepth()).isEqualTo(2);
        assertThat(points.get(1).meanLayers()).isBetween(4.0, 8.0);
    }

    @Test
    void aRoutedModelIsMeasuredAtItsEffortsAgainstEffortOne() {
        ModelConfig config = recursive(new Routing.ExpertThreshold(
                new Routing.Router(RouterType.LINEAR, RouterFunction.SIGMOID, 0.4, 1, Gating.WEIGHTED),
                List.of(0.25, 0.5, 1.0),
                0.4));
        HeldOutSplit heldOut = heldOut(config);
        List<QualityPoint> points = measure(config, heldOut, TradeoffOptions.DEFAULT);

        assertThat(points)
                .extracting(point -> point.kind().key() + " " + point.setting())
                .containsExactly(
                        "full_depth 3.0",
                        "depth_bound 1.0",
                        "depth_bound 2.0",
                        "effort 0.0",
                        "effort 0.25",
                        "effort 0.4",
                        "effort 0.5");
        assertThat(points.get(3).nll())
                .describedAs("one pass")
                .isEqualTo(points.get(1).nll());
        assertThat(points.get(3).meanDepth()).isEqualTo(1);
        assertThat(points.get(3).flopsPerToken()).isEqualTo(points.get(1).flopsPerToken());
        assertThat(points.getFirst().meanDepth()).isEqualTo(3);
        assertThat(points).allSatisfy(point -> assertThat(point.threshold()).isNaN());
        JsonNode json = TradeoffJson.of("here", config, heldOut, TradeoffOptions.DEFAULT, points);
        assertThat(json.get("points").size()).isEqualTo(7);
        assertThat(json.get("points").get(3).get("kind").stringValue()).isEqualTo("effort");
        assertThat(json.get("points").get(3).get("threshold").isNull()).isTrue();
        assertThat(json.get("points").get(3).propertyNames())
                .contains("nll", "nll_stderr", "difference", "mean_depth", "mean_layers", "flops_per_token");
        assertThat(json.has("early_exit")).isFalse();
    }

    @Test
    void thresholdsAreChosenOnOtherTextThanIsReported() {
        ModelConfig config = vanilla();
        for (int documents : List.of(3, 20)) {
            HeldOutSplit split = HeldOutSplit.of(documents(documents), BYTES, config, 1000);
            Set<String> calibration = new HashSet<>();
            split.calibration().forEach(window -> calibration.add(scored(window)));
            assertThat(split.test()).noneMatch(window -> calibration.contains(scored(window)));
            long all =
                    documents(documents).stream().mapToLong(ids -> ids.length).sum();
            assertThat(tokens(split.calibration()) + tokens(split.test())).isEqualTo(all);
            assertThat(tokens(split.calibration())).isBetween(all / 8, all / 3);
        }
        HeldOutSplit sample = HeldOutSplit.of(documents(20), BYTES, config, 6);
        assertThat(sample.test()).hasSize(6);
        assertThat(sample.calibration()).hasSize(2);
        assertThatThrownBy(() -> HeldOutSplit.of(List.of(new int[] {1, 2, 3}), BYTES, config, 6))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("too short");
    }

    @Test
    void settingsThatDoNotFitTheModelAreRefused() {
        ModelConfig config = vanilla();
        HeldOutSplit heldOut = heldOut(config);
        assertRefused("(0, 1]", () -> exits(EarlyExit.Confidence.SOFTMAX, 1.5));
        assertRefused(
                "at least 0.125, since every token passes 1 of 8, got 0.1",
                () -> measure(config, heldOut, exits(EarlyExit.Confidence.SOFTMAX, 0.1)));
        assertRefused(
                "at most the model's 1 recursion, got 2",
                () -> measure(config, heldOut, bounds(List.of(2), List.of())));
        assertRefused("expert_threshold", () -> measure(config, heldOut, bounds(List.of(), List.of(0.5))));
        ModelConfig routed = recursive(new Routing.ExpertChoice(
                new Routing.Router(RouterType.LINEAR, RouterFunction.SIGMOID, 0.1, 1, Gating.WEIGHTED),
                List.of(1.0, 0.5, 0.5),
                List.of(0.0, 0.5, 0.5),
                CausalBy.ROUTER));
        assertRefused(
                "early exits are for models without routing",
                () -> measure(routed, heldOut(routed), exits(EarlyExit.Confidence.SOFTMAX, 0.5)));
    }

    private static void assertRefused(String message, Runnable work) {
        assertThatThrownBy(work::run).isInstanceOf(InputException.class).hasMessageContaining(message);
    }

    private static TradeoffOptions exits(EarlyExit.Confidence confidence, Double... shares) {
        return new TradeoffOptions(List.of(shares), List.of(), List.of(), confidence, 1, false);
    }

    private static TradeoffOptions bounds(List<Integer> depths, List<Double> efforts) {
        return new TradeoffOptions(List.of(), depths, efforts, EarlyExit.Confidence.SOFTMAX, 1, false);
    }

    private static List<QualityPoint> measure(ModelConfig config, HeldOutSplit heldOut, TradeoffOptions options) {
        List<QualityPoint> seen = new ArrayList<>();
        try (ModelWeights weights = ModelWeights.initialize(config, SEED, false)) {
            List<QualityPoint> points = Tradeoff.measure(weights, heldOut, options, seen::add);
            assertThat(seen).isEqualTo(points);
            return points;
        }
    }

    private static ModelConfig vanilla() {
        return TinyModels.vanilla().withVocabSize(BytePairTrainer.SMALLEST_VOCABULARY);
    }

    private static ModelConfig recursive(Routing routing) {
        return vanilla()
                .withRecursion(
                        Optional.of(new Recursion(ParameterSharing.MIDDLE_CYCLE, 3)), routing, KeyValueSharing.NONE);
    }

    private static HeldOutSplit heldOut(ModelConfig config) {
        return HeldOutSplit.of(documents(20), BYTES, config, 1000);
    }

    private static List<int[]> documents(int count) {
        Random random = new Random(SEED);
        return IntStream.range(0, count)
                .mapToObj(i -> random.ints(60 + 10 * (i % 5), 1, BytePairTrainer.SMALLEST_VOCABULARY)
                        .toArray())
                .toList();
    }

    private static String scored(ScoringWindow window) {
        return Arrays.toString(Arrays.copyOfRange(window.ids(), window.firstScored(), window.ids().length));
    }

    private static long tokens(List<ScoringWindow> windows) {
        return windows.stream().mapToLong(ScoringWindow::scored).sum();
    }
}
