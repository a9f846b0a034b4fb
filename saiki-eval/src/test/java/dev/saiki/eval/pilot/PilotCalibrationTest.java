package dev.saiki.eval.pilot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PilotCalibrationTest {

    @Test
    void theBudgetFillsTheShareOfTheMinutesThatTrainingHas() {
        // Three families at 30 GFLOP a second each: a tenth of a nanosecond for a FLOP of all three.
        double secondsPerFlop = 1e-10;
        double budget = PilotCalibration.budget(10, secondsPerFlop);
        assertThat(budget * secondsPerFlop).isCloseTo(0.84 * 600 - 25, within(5.0));
    }

    @Test
    void aShortPilotStillTrainsHalfOfItsTime() {
        assertThat(PilotCalibration.budget(0.5, 1e-10) * 1e-10).isCloseTo(15, within(0.2));
    }

    @Test
    void largerBudgetsTrainWithLargerBatches() {
        assertThat(PilotRecipes.sequences(8e12)).isEqualTo(2);
        assertThat(PilotRecipes.sequences(3e13)).isEqualTo(4);
        assertThat(PilotRecipes.sequences(1.2e14)).isEqualTo(8);
        assertThat(PilotRecipes.sequences(1e18)).isEqualTo(8);
    }

    @Test
    void theBudgetHasThreeDigits() {
        double budget = PilotCalibration.budget(7.3, 1.234e-10);
        double digits = budget / Math.pow(10, Math.floor(Math.log10(budget)) - 2);
        assertThat(digits).isCloseTo(Math.rint(digits), within(1e-6));
    }
}
