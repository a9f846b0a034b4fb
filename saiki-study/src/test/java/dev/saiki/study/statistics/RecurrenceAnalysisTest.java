package dev.saiki.study.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.study.results.FittedValue;
import dev.saiki.study.results.RecurrenceFit;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyResults;
import dev.saiki.study.statistics.SampleStudy.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The exponent of a recursion's worth, estimated from losses that follow the iso-depth law.
class RecurrenceAnalysisTest {

    private static final SampleStudy STUDY = SampleStudy.of()
            .withFamilies(new Shape("vanilla", 1, 0), new Shape("twice", 2, 0.5), new Shape("thrice", 3, 0.6));

    private static double law(RunResult run, double phi) {
        double effective = run.model().onceParameters()
                + Math.pow(run.model().meanTrainedDepth(), phi) * run.model().recurrentParameters();
        return 1.7
                + 400 * Math.pow(effective, -0.34)
                + 60 * Math.pow((double) run.training().tokens(), -0.28);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.3, 0, 0.46, 0.65, 1})
    void lossesMadeByTheLawGiveItsExponentBack(double phi) {
        StudyResults results = STUDY.analysed((run, _) -> law(run, phi), 100);
        assertThat(results.recurrences()).extracting(RecurrenceFit::family).containsExactly("twice", "thrice");
        for (RecurrenceFit recurrence : results.recurrences()) {
            assertThat(recurrence.phi().value().orElseThrow())
                    .as(recurrence.family())
                    .isCloseTo(phi, within(1e-3));
            assertThat(recurrence.residual().orElseThrow()).isLessThan(1e-4);
            assertThat(recurrence.cells()).isEqualTo(18);
            assertThat(recurrence.reference()).isEqualTo("vanilla");
        }
    }

    @Test
    void noiseOfDocumentsWidensTheIntervalAroundTheExponent() {
        StudyResults results = STUDY.analysed(
                (run, document) -> law(run, 0.5)
                        + 0.003 * Math.sin(13 * document + run.id().hashCode()),
                200);
        FittedValue phi = results.recurrences().getFirst().phi();
        assertThat(phi.low().orElseThrow()).isLessThan(phi.value().orElseThrow());
        assertThat(phi.high().orElseThrow()).isGreaterThan(phi.value().orElseThrow());
        assertThat(phi.value().orElseThrow()).isCloseTo(0.5, within(0.4));
    }

    @Test
    void oneSizeOrOneBudgetIsTooThin() {
        RecurrenceFit recurrence = STUDY.withSizes(100_000L)
                .analysed((run, _) -> law(run, 0.5), 100)
                .recurrences()
                .getFirst();
        assertThat(recurrence.phi().isPresent()).isFalse();
        assertThat(recurrence.phi().problem()).contains("two sizes and two budgets");
    }

    @Test
    void withoutAVanillaFamilyNothingHoldsTheLaw() {
        RecurrenceFit recurrence = STUDY.withFamilies(new Shape("twice", 2, 0.5))
                .analysed((run, _) -> law(run, 0.5), 100)
                .recurrences()
                .getFirst();
        assertThat(recurrence.phi().problem()).contains("no vanilla family");
    }
}
