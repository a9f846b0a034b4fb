package dev.saiki.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.report.CostEstimate.State;
import dev.saiki.report.ReportSection.CostedModel;
import dev.saiki.report.ReportSection.Costs;
import java.util.List;
import org.junit.jupiter.api.Test;

class CostEstimateTest {

    private static final CostedModel BASE = new CostedModel("vanilla", 100, 90, 110, "", 4096, 1e7, 3600);

    private static CostEstimate of(double speed, double slowest, double fastest) {
        return CostEstimate.of(new CostedModel("m", speed, slowest, fastest, "", 2048, 1e7, 7200), BASE, 3.6, 1024);
    }

    @Test
    void aMillionTokensCostWhatTheMachineCostsWhileItWritesThem() {
        CostEstimate figures = of(200, 160, 250);
        assertThat(figures.perMillion()).isCloseTo(5, within(1e-9));
        assertThat(figures.perMillionLow()).isCloseTo(4, within(1e-9));
        assertThat(figures.perMillionHigh()).isCloseTo(6.25, within(1e-9));
    }

    @Test
    void aUserHoldsTheCacheOfItsTokens() {
        assertThat(of(200, 160, 250).bytesPerUser()).isEqualTo(2048.0 * 1024);
        assertThat(of(200, 160, 250).usersPerGib()).isEqualTo(512);
    }

    @Test
    void aTrainingIsPaidBackByTheSecondsItSaves() {
        CostEstimate figures = of(200, 160, 250);
        // 7,200 seconds of training; each token saves 1/100 − 1/200 seconds.
        assertThat(figures.breakEven().state()).isEqualTo(State.AFTER);
        assertThat(figures.breakEven().tokens()).isCloseTo(1_440_000, within(1e-3));
    }

    @Test
    void speedsWhoseRoundsOverlapDecideNothing() {
        assertThat(of(120, 105, 140).breakEven().state()).isEqualTo(State.UNDECIDED);
        assertThat(of(80, 70, 95).breakEven().state()).isEqualTo(State.UNDECIDED);
    }

    @Test
    void aSlowerModelIsNeverPaidBack() {
        assertThat(of(80, 70, 89).breakEven().state()).isEqualTo(State.NEVER);
    }

    @Test
    void whatWasNotMeasuredIsNotMadeUp() {
        CostedModel model = new CostedModel("m", Double.NaN, Double.NaN, Double.NaN, "", 2048, 1e7, 7200);
        assertThat(CostEstimate.of(model, BASE, 3.6, 1024).breakEven().state()).isEqualTo(State.NOT_MEASURED);
        Costs costs = new Costs("", "", 3.6, 1024, List.of(BASE, model), List.of(), List.of());
        assertThat(new CostTable(costs, Messages.in(Language.ENGLISH))
                        .table()
                        .rows()
                        .getLast())
                .startsWith("m", "not measured", "2048", "2.00\u00a0h", "not measured", "2.00 MiB")
                .endsWith("not measured", "enter a price");
    }

    @Test
    void aPriceOfNothingIsRefused() {
        assertThatThrownBy(() -> new Costs("", "", 0, 1, List.of(BASE), List.of(), List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
