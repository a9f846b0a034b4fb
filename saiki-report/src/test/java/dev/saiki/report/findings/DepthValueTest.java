package dev.saiki.report.findings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.eval.TextScore;
import dev.saiki.report.Language;
import dev.saiki.report.findings.DepthValue.Course;
import dev.saiki.report.findings.Findings.ComparedModel;
import dev.saiki.report.findings.Findings.Contrast;
import dev.saiki.study.TrainingLog.Validation;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Tests what reports say about the worth of depth. The one-pass model falls by 0.1 nats in every 2e12 FLOPs; the
/// recursive one is validated between its validations, and takes half the tokens for the same FLOPs.
class DepthValueTest {

    private static final double[] CLOSING = {0.4, 0.3, 0.2, 0.1, 0.05, 0.02};
    private static final double[] OPEN = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1};
    private static final double[] CROSSED = {0.2, 0.1, 0.05, -0.01, -0.02, -0.04};
    private static final double[] AHEAD = {-0.01, -0.01, -0.01, -0.02, -0.02, -0.04};
    private static final double[] BACK = {0.1, -0.1, 0.1, -0.01, 0.01, -0.04};

    private static Findings findings(double[] gaps) {
        List<Validation> onePass = new ArrayList<>();
        for (int i = 0; i <= 7; i++) {
            onePass.add(new Validation(i, 2_000_000L * i, 2e12 * i, 5 - 0.1 * i, 0.02));
        }
        List<Validation> recursive = new ArrayList<>();
        for (int i = 0; i < gaps.length; i++) {
            recursive.add(
                    new Validation(i, 1_000_000L * i + 500_000, 2e12 * (i + 0.5), 5 - 0.1 * (i + 0.5) + gaps[i], 0.02));
        }
        Findings pilot = SamplePilot.with(0.1, 0.01);
        List<ComparedModel> models = new ArrayList<>(pilot.subjects());
        models.add(model("vanilla-4", ModelRole.VANILLA, 1, onePass, 4.45));
        models.add(model("recursive-3", ModelRole.FIXED_DEPTH, 3, recursive, 4.45 + gaps[gaps.length - 1]));
        return SampleFindings.with(pilot, models, pilot.contrasts());
    }

    private static ComparedModel model(
            String name, ModelRole role, int recursions, List<Validation> curve, double nll) {
        return new ComparedModel(
                name,
                role,
                List.of(name + "/last"),
                recursions,
                3_000_000,
                new Findings.TrainingCost(0.002, 280_000, 4e12, 150, curve),
                new Findings.LossEstimate(nll, 0.02, nll - 0.04, nll + 0.04, 1.6),
                new Findings.DepthShares(recursions, List.of(1.0), Double.NaN),
                1e7,
                4096);
    }

    private static double[] gaps(String name) {
        return switch (name) {
            case "CLOSING" -> CLOSING;
            case "OPEN" -> OPEN;
            case "CROSSED" -> CROSSED;
            case "BACK" -> BACK;
            default -> AHEAD;
        };
    }

    @ParameterizedTest
    @CsvSource({"CLOSING, CLOSING, 0.2", "OPEN, OPEN, 0.1", "CROSSED, CROSSED, 0.05", "AHEAD, ALWAYS_AHEAD, -0.01"})
    void theCourseOfADifferenceIsTakenAtEqualCompute(String differences, Course course, double earlier) {
        double[] gaps = gaps(differences);
        DepthValue value = DepthValue.of(findings(gaps)).orElseThrow();
        assertThat(value.recursive().name()).isEqualTo("recursive-3");
        assertThat(value.onePass().name()).isEqualTo("vanilla-4");
        assertThat(value.course()).isEqualTo(course);
        assertThat(value.difference()).isCloseTo(gaps[gaps.length - 1], within(1e-9));
        assertThat(value.earlier()).isCloseTo(earlier, within(1e-9));
    }

    @ParameterizedTest
    @CsvSource({"CROSSED, 3.5e6", "BACK, 5.5e6"})
    void curvesHaveCrossedWhereTheRecursiveModelStaysAhead(String differences, double tokens) {
        assertThat(DepthValue.of(findings(gaps(differences))).orElseThrow().tokens())
                .isCloseTo(tokens, within(1.0));
    }

    @Test
    void reportsSayWhatDepthIsWorthBeforeTheySpeakOfTheRouter() {
        Findings findings = findings(CLOSING);
        Findings compared = SampleFindings.withContrasts(
                findings,
                List.of(
                        findings.contrasts().getFirst(),
                        findings.contrasts().getLast(),
                        new Contrast(
                                "recursive-3", "vanilla-4", 0.03, 0.01, 0.05, 9, 3, 24, TextScore.Unit.DOCUMENT, "")));
        List<String> sentences =
                FindingsReport.of(compared, ReportOptions.DEFAULT).explanation();
        assertThat(sentences.get(0))
                .startsWith("Depth does not pay yet:")
                .contains("is +0.030 nats per token (95 % interval +0.010 to +0.050)", "It was +0.200 after a third");
        assertThat(sentences.get(1)).contains("router");
        assertThat(FindingsReport.of(compared, new ReportOptions(Language.JAPANESE, 1))
                        .explanation()
                        .getFirst())
                .contains("差は縮まっています");
    }

    @Test
    void nothingIsSaidWithoutTheTwoModelsOrTheirCurves() {
        assertThat(DepthValue.of(SamplePilot.with(0.1, 0.01))).isEmpty();
        assertThat(DepthValue.of(findings(new double[] {0.1, 0.1}))
                        .orElseThrow()
                        .course())
                .isEqualTo(Course.UNKNOWN);
    }
}
