package dev.saiki.study.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.eval.Verdict;
import dev.saiki.study.results.EqualCostComparison;
import dev.saiki.study.results.StudyResults;
import dev.saiki.study.statistics.QualityCurve.DepthControl;
import dev.saiki.study.statistics.SampleExits.Further;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Analyses of early exits with known losses and costs.
class EarlyExitAnalysisTest {

    private static final int RESAMPLES = 2000;

    /// Vanilla has a loss of 5; the family without exits has 5.2.
    private static final SampleStudy STUDY =
            SampleStudy.of("vanilla", "mor").withSizes(100_000L).withBudgets(1e11);

    private static final SampleStudy.Law LOSSES =
            (run, document) -> 0.1 * document + (run.family().equals("mor") ? 5.2 : 5);

    private static final Further FULL = SampleExits.own("vanilla", 100);
    private static final Further EXIT_50 = SampleExits.exit("vanilla", "exit50", 50, 40, (_, _) -> 0.4);
    private static final Further EXIT_80 = SampleExits.exit("vanilla", "exit80", 80, 72, (_, _) -> 0.1);
    private static final Further STILL_60 = SampleExits.exit("vanilla", "still60", "saturation", 60, 60, (_, _) -> 0.3);

    private static List<EqualCostComparison> compared(StudyResults results) {
        LossSample sample = LossSample.of(results);
        return new EarlyExitAnalysis(results, sample, new Bootstrap(sample, RESAMPLES)).of("mor", List.of("vanilla"));
    }

    private static EqualCostComparison compared(StudyResults results, String confidence, boolean checksCount) {
        return compared(results).stream()
                .filter(line -> line.confidence().equals(confidence) && line.checksCount() == checksCount)
                .reduce((_, _) -> {
                    throw new AssertionError("two lines for " + confidence);
                })
                .orElseThrow();
    }

    private static EqualCostComparison compared(double flops, Further... others) {
        Further[] all = new Further[others.length + 1];
        System.arraycopy(others, 0, all, 1, others.length);
        all[0] = SampleExits.own("mor", flops);
        return compared(SampleExits.with(STUDY.results(LOSSES), all), "softmax", true);
    }

    private static void isExactly(double expected, EqualCostComparison line) {
        assertThat(line.difference().value().orElseThrow()).isCloseTo(expected, within(1e-9));
        assertThat(line.difference().low().orElseThrow()).isCloseTo(expected, within(1e-9));
        assertThat(line.difference().high().orElseThrow()).isCloseTo(expected, within(1e-9));
    }

    @Test
    void theOthersLossAtEqualFlopsLiesOnTheLineBetweenTheSettingsBesideThem() {
        EqualCostComparison line = compared(65, FULL, EXIT_80, EXIT_50);
        // Half way from 50 to 80 FLOPs the loss is half way from 5.4 to 5.1.
        isExactly(5.2 - 5.25, line);
        assertThat(line.verdict()).isEqualTo(Verdict.BETTER);
        assertThat(line.seeds()).isEqualTo(2);
        assertThat(line.flopsPerToken()).isEqualTo(65);
        // Three quarters of the way from 80 FLOPs to full depth.
        isExactly(5.2 - 5.025, compared(95, FULL, EXIT_80, EXIT_50));
        assertThat(compared(95, FULL, EXIT_80, EXIT_50).verdict()).isEqualTo(Verdict.WORSE);
    }

    @Test
    void withoutTheirChecksExitsAreCheaper() {
        StudyResults results =
                SampleExits.with(STUDY.results(LOSSES), SampleExits.own("mor", 65), FULL, EXIT_80, EXIT_50);
        // From 40 to 72 FLOPs.
        isExactly(5.2 - (5.4 - 0.3 * 25 / 32), compared(results, "softmax", false));
    }

    @Test
    void eachConfidenceHasALineOfItsOwnThatEndsAtFullDepth() {
        StudyResults results =
                SampleExits.with(STUDY.results(LOSSES), SampleExits.own("mor", 65), FULL, EXIT_80, EXIT_50, STILL_60);
        isExactly(5.2 - 5.25, compared(results, "softmax", true));
        // An eighth of the way from 60 FLOPs to full depth.
        isExactly(5.2 - (5.3 - 0.3 / 8), compared(results, "saturation", true));
    }

    @Test
    void atTheEndsOfTheLineTheSettingsThemselvesAreCompared() {
        isExactly(5.2 - 5.4, compared(50, FULL, EXIT_80, EXIT_50));
        isExactly(5.2 - 5.1, compared(80, FULL, EXIT_80, EXIT_50));
        isExactly(5.2 - 5, compared(100, FULL, EXIT_80, EXIT_50));
    }

    @Test
    void noLineIsContinuedBeyondWhatWasMeasured() {
        EqualCostComparison cheaper = compared(49.9, FULL, EXIT_80, EXIT_50);
        assertThat(cheaper.difference().isPresent()).isFalse();
        assertThat(cheaper.difference().problem()).isEqualTo("no early exit is that cheap");
        assertThat(cheaper.verdict()).isEqualTo(Verdict.UNDECIDED);
        EqualCostComparison dearer = compared(100.1, FULL, EXIT_80, EXIT_50);
        assertThat(dearer.difference().isPresent()).isFalse();
        assertThat(dearer.difference().problem()).isEqualTo("full depth is cheaper");
        assertThat(dearer.verdict()).isEqualTo(Verdict.UNDECIDED);
    }

    @Test
    void exitsThatCostMoreThanFullDepthHaveNoPartInTheLine() {
        Further dear = SampleExits.exit("vanilla", "exit80", 120, 72, (_, _) -> -1);
        // Half way from 50 FLOPs to full depth.
        isExactly(5.2 - 5.2, compared(75, FULL, dear, EXIT_50));
        Further mostExpensive = SampleExits.exit("vanilla", "exit50", 110, 40, (_, _) -> -1);
        assertThat(compared(75, FULL, dear, mostExpensive).difference().problem())
                .isEqualTo("no early exit is that cheap");
    }

    @Test
    void aDifferenceInsideItsIntervalIsNotToldApart() {
        Further disputed =
                SampleExits.exit("vanilla", "exit50", 50, 40, (_, document) -> 0.21 + (document % 2 == 0 ? 0.3 : -0.3));
        EqualCostComparison line = compared(50, FULL, disputed);
        assertThat(line.difference().value().orElseThrow()).isCloseTo(-0.01, within(1e-9));
        assertThat(line.difference().low().orElseThrow()).isNegative();
        assertThat(line.difference().high().orElseThrow()).isPositive();
        assertThat(line.verdict()).isEqualTo(Verdict.UNDECIDED);
    }

    @Test
    void exitsThatDisagreeBetweenSeedsWidenTheIntervalThoughFullDepthsAgree() {
        SampleStudy threeSizes = SampleStudy.of("vanilla", "mor").withBudgets(1e11);
        Further lucky = SampleExits.exit("vanilla", "exit50", 50, 40, (run, _) -> run.seed() == 0 ? 0.3 : 0.5);
        List<EqualCostComparison> lines =
                compared(SampleExits.with(threeSizes.results(LOSSES), SampleExits.own("mor", 50), FULL, lucky));
        for (EqualCostComparison line : lines) {
            if (line.checksCount()) {
                double width = line.difference().high().orElseThrow()
                        - line.difference().low().orElseThrow();
                // Over two seeds the change has the variance 0.02, its mean 0.01; t(0.975, 3) = 3.18.
                assertThat(width).isCloseTo(2 * 0.318, within(0.1));
                assertThat(line.difference().value().orElseThrow()).isCloseTo(-0.2, within(1e-9));
                assertThat(line.verdict()).isEqualTo(Verdict.UNDECIDED);
            }
        }
        assertThat(lines).hasSize(6);
    }

    @Test
    void withOneSeedNothingIsCalledBetter() {
        StudyResults results = SampleExits.with(
                STUDY.withSeeds(0L).results(LOSSES), SampleExits.own("mor", 65), FULL, EXIT_80, EXIT_50);
        EqualCostComparison line = compared(results, "softmax", true);
        assertThat(line.difference().high().orElseThrow()).isNegative();
        assertThat(line.verdict()).isEqualTo(Verdict.UNDECIDED);
        assertThat(line.reason()).contains("seed");
    }

    @Test
    void aFamilyWithExitsOfItsOwnIsNotHeldAgainstThoseOfAnother() {
        Further own = SampleExits.exit("mor", "exit50", 50, 40, (_, _) -> 0);
        assertThat(compared(SampleExits.with(STUDY.results(LOSSES), SampleExits.own("mor", 65), own, FULL, EXIT_50)))
                .isEmpty();
    }

    @Test
    void curvesTellInWhatWayTokensTakeFewerLayers() {
        StudyResults measured = SampleExits.with(
                STUDY.results(LOSSES),
                SampleExits.own("mor", 65),
                SampleExits.routed("mor", "shallow", "held_out max_depth=1", 40, (_, _) -> 0.2),
                SampleExits.routed("mor", "frugal", "held_out effort=0.3", 45, (_, _) -> 0.1),
                SampleExits.routed("mor", "ranked", "held_out routing=top_k", 65, (_, _) -> -0.1),
                FULL,
                EXIT_80,
                EXIT_50,
                STILL_60);
        assertThat(QualityCurve.all(withEqualCosts(measured)).stream()
                        .flatMap(curve -> curve.points().stream())
                        .map(QualityCurve.DepthSetting::way))
                .containsExactly(
                        DepthControl.SOFTMAX_EXIT,
                        DepthControl.SATURATION_EXIT,
                        DepthControl.SOFTMAX_EXIT,
                        DepthControl.OWN,
                        DepthControl.DEPTH_BOUND,
                        DepthControl.EFFORT,
                        DepthControl.OWN,
                        DepthControl.LOOKS_AHEAD);
    }

    private static StudyResults withEqualCosts(StudyResults results) {
        return new StudyResults(
                results.formatVersion(),
                results.name(),
                results.setting(),
                results.data(),
                results.families(),
                results.sizes(),
                results.budgetUnit(),
                results.budgets(),
                results.seeds(),
                results.progress(),
                results.runs(),
                List.of(),
                List.of(),
                compared(results),
                List.of(),
                List.of(),
                results.floor(),
                results.written());
    }
}
