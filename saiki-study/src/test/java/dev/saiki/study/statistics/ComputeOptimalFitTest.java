package dev.saiki.study.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.study.results.ComputeOptimalCurve;
import dev.saiki.study.results.ComputeOptimum;
import dev.saiki.study.results.FittedValue;
import dev.saiki.study.results.RunResult;
import org.junit.jupiter.api.Test;

/// Fits of losses that follow a known law.
class ComputeOptimalFitTest {

    /// The base-10 logarithm of the best size at 1e11 FLOPs; the best size grows with the budget to the power
    /// of {@link #SIZE_EXPONENT}.
    private static final double BEST = 5.3;

    private static final double SIZE_EXPONENT = 0.45;
    private static final double LOSS_EXPONENT = 0.06;

    private static double logBudget(RunResult run) {
        return Math.log10(run.budget()) - 11;
    }

    private static double parabola(RunResult run) {
        double distance =
                Math.log10((double) run.model().nonEmbeddingParameters()) - BEST - SIZE_EXPONENT * logBudget(run);
        return 6 * Math.pow(10, -LOSS_EXPONENT * logBudget(run)) + 0.8 * distance * distance;
    }

    @Test
    void sizesAndLossesFromAKnownLawGiveItBack() {
        ComputeOptimalCurve curve = SampleStudy.of("vanilla")
                .analysed((run, _) -> parabola(run), 200)
                .curves()
                .getFirst();
        for (ComputeOptimum optimum : curve.optima()) {
            double above = Math.log10(optimum.budget()) - 11;
            assertThat(optimum.nonEmbeddingParameters().value().orElseThrow())
                    .isCloseTo(Math.pow(10, BEST + SIZE_EXPONENT * above), within(1.0));
            assertThat(optimum.nll().value().orElseThrow())
                    .isCloseTo(6 * Math.pow(10, -LOSS_EXPONENT * above), within(1e-9));
            assertThat(optimum.coefficients().get(2)).isCloseTo(0.8, within(1e-9));
        }
        assertThat(curve.sizeExponent().value().orElseThrow()).isCloseTo(SIZE_EXPONENT, within(1e-9));
        assertThat(curve.lossExponent().value().orElseThrow()).isCloseTo(LOSS_EXPONENT, within(1e-9));
    }

    @Test
    void intervalsOfAFitHoldTheValueAndGrowWithTheNoise() {
        ComputeOptimalCurve quiet = SampleStudy.of("vanilla")
                .analysed((run, document) -> parabola(run) + noise(run, document, 0.002), 300)
                .curves()
                .getFirst();
        ComputeOptimalCurve loud = SampleStudy.of("vanilla")
                .analysed((run, document) -> parabola(run) + noise(run, document, 0.02), 300)
                .curves()
                .getFirst();
        FittedValue narrow = quiet.optima().get(1).nll();
        FittedValue wide = loud.optima().get(1).nll();
        assertThat(narrow.value().orElseThrow())
                .isBetween(narrow.low().orElseThrow(), narrow.high().orElseThrow());
        assertThat(wide.high().orElseThrow() - wide.low().orElseThrow())
                .isGreaterThan(4 * (narrow.high().orElseThrow() - narrow.low().orElseThrow()));
    }

    private static double noise(RunResult run, int document, double scale) {
        return scale * Math.sin(17 * document + run.id().hashCode());
    }

    @Test
    void aMinimumOutsideTheSizesIsNotMadeUp() {
        ComputeOptimalCurve curve = SampleStudy.of("vanilla")
                .analysed((run, _) -> Math.pow(Math.log10((double) run.model().nonEmbeddingParameters()) - 4, 2), 100)
                .curves()
                .getFirst();
        ComputeOptimum optimum = curve.optima().getFirst();
        assertThat(optimum.nonEmbeddingParameters().isPresent()).isFalse();
        assertThat(optimum.nonEmbeddingParameters().problem()).contains("below the smallest trained size");
        assertThat(optimum.coefficients()).hasSize(3);
        assertThat(curve.sizeExponent().problem()).contains("at two budgets, got 0");
    }

    @Test
    void lossesThatDoNotCurveUpwardHaveNoMinimum() {
        ComputeOptimalCurve curve = SampleStudy.of("vanilla")
                .analysed(
                        (run, _) -> 9 - Math.pow(Math.log10((double) run.model().nonEmbeddingParameters()) - 5.6, 2),
                        100)
                .curves()
                .getFirst();
        assertThat(curve.optima().getFirst().nll().problem()).contains("do not curve upward");
    }

    @Test
    void aMinimumThatOtherSeedsWouldMoveOutOfTheSizesIsRefused() {
        ComputeOptimalCurve curve = SampleStudy.of("vanilla")
                .analysed((run, _) -> parabola(run) + (run.seed() == 0 ? 0.4 : -0.4), 300)
                .curves()
                .getFirst();
        assertThat(curve.optima().getFirst().nll().problem()).contains("of the resamples");
    }

    @Test
    void twoSizesMakeNoParabola() {
        ComputeOptimalCurve curve = SampleStudy.of("vanilla")
                .withSizes(100_000L, 400_000L)
                .analysed((run, _) -> parabola(run), 100)
                .curves()
                .getFirst();
        assertThat(curve.optima().getFirst().nll().problem()).contains("needs 3 trained sizes, got 2");
        assertThat(curve.optima().getFirst().coefficients()).isEmpty();
    }
}
