package dev.saiki.report.findings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.eval.Verdict;
import dev.saiki.report.JsonReport;
import dev.saiki.report.Language;
import dev.saiki.report.LineChart.Point;
import dev.saiki.report.LineChart.Series;
import dev.saiki.report.MarkdownReport;
import dev.saiki.report.Messages;
import dev.saiki.report.Report;
import dev.saiki.report.ReportSection;
import dev.saiki.report.ReportSection.Charts;
import dev.saiki.report.ReportSection.Prose;
import dev.saiki.report.ReportSection.Table;
import dev.saiki.study.results.EqualCostComparison;
import dev.saiki.study.results.StudyResults;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExitSectionsTest {

    private static StudyResults study(EqualCostComparison... lines) {
        return SampleFindings.withExits(SampleFindings.results(3, -0.04, 0.01), lines);
    }

    private static List<ReportSection> sections(Language language, EqualCostComparison... lines) {
        return new ExitSections(study(lines), Messages.in(language)).all();
    }

    private static List<String> said(Language language, EqualCostComparison... lines) {
        return ((Prose) sections(language, lines).getFirst()).points();
    }

    @Test
    void aFamilyIsBetterOrWorseOnlyOutsideItsInterval() {
        assertThat(said(Language.ENGLISH, SampleFindings.equalCost("mor", "large", true, -0.04, 0.01)))
                .first()
                .isEqualTo("mor is better than vanilla with early exits by softmax, at the same 11.2 MFLOP a token:"
                        + " −0.040 nats per token (95 % interval −0.050 to −0.030; size large, seeds: 3).");
        assertThat(said(Language.ENGLISH, SampleFindings.equalCost("mor", "large", true, 0.04, 0.01)))
                .first()
                .isEqualTo("mor is worse than vanilla with early exits by softmax, at the same 11.2 MFLOP a token:"
                        + " +0.040 nats per token (95 % interval +0.030 to +0.050; size large, seeds: 3).");
        assertThat(said(Language.ENGLISH, SampleFindings.equalCost("mor", "large", true, -0.04, 0.05)))
                .first()
                .isEqualTo("mor and vanilla with early exits by softmax cannot be told apart at the same 11.2 MFLOP a"
                        + " token: −0.040 nats per token (95 % interval −0.090 to +0.010, which contains zero; size large,"
                        + " seeds: 3).");
        assertThat(said(Language.JAPANESE, SampleFindings.equalCost("mor", "large", true, -0.04, 0.01)))
                .first()
                .isEqualTo("1 トークンあたりの計算量が同じ 11.2 MFLOP のとき、mor は、早期終了（ソフトマックス）を付けた vanilla より優れています。差は"
                        + " −0.040 ナット／トークンです（95 % 信頼区間 −0.050 ～ −0.030、サイズ large、シード 3 個）。");
    }

    @ParameterizedTest
    @EnumSource(Language.class)
    void aDifferenceInsideItsIntervalIsNeverCalledAGainOrALoss(Language language) {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            double margin = random.nextDouble() * 0.1;
            double difference = (random.nextDouble() * 2 - 1) * margin;
            assertThat(said(language, SampleFindings.equalCost("mor", "large", true, difference, margin))
                            .getFirst())
                    .as("seed %d", seed)
                    .doesNotContain("better", "worse", "lower", "higher")
                    .doesNotContain("優れ", "劣り", "小さい", "大きい");
        }
    }

    @Test
    void withoutTwoSeedsNothingIsClaimedHoweverLargeItIs() {
        EqualCostComparison line = SampleFindings.equalCost("mor", "large", true, -1, 0.01);
        EqualCostComparison oneSeed = new EqualCostComparison(
                line.family(),
                line.other(),
                line.confidence(),
                true,
                line.size(),
                line.budget(),
                line.flopsPerToken(),
                1,
                line.difference(),
                Verdict.UNDECIDED,
                "no model was trained with two seeds");
        assertThat(said(Language.ENGLISH, oneSeed).getFirst())
                .startsWith("mor and vanilla with early exits by softmax cannot be told apart")
                .contains("the training noise is unknown");
        assertThat(said(Language.JAPANESE, oneSeed).getFirst()).contains("差は認められません", "学習のばらつき");
    }

    @Test
    void whereCurvesDoNotOverlapThatIsSaidAndNothingElse() {
        assertThat(said(Language.ENGLISH, SampleFindings.apart("mor", "large", true, 6e6)))
                .first()
                .isEqualTo(
                        "mor and vanilla with early exits by saturation do not overlap in cost: mor takes 6.00 MFLOP a"
                                + " token, and every measured early exit takes more (size large).");
        assertThat(said(Language.ENGLISH, SampleFindings.apart("mor", "large", true, 15e6)))
                .first()
                .isEqualTo(
                        "mor and vanilla with early exits by saturation do not overlap in cost: mor takes 15.0 MFLOP a"
                                + " token, and vanilla takes less even at full depth (size large).");
        assertThat(said(Language.JAPANESE, SampleFindings.apart("mor", "large", true, 6e6))
                        .getFirst())
                .contains("計算量の範囲が重ならないため比べられません", "測定したどの早期終了よりも少ない値です");
    }

    @Test
    void whatChecksCostIsSaidWhereItDecides() {
        EqualCostComparison counted = SampleFindings.equalCost("mor", "large", true, -0.04, 0.01);
        assertThat(said(Language.ENGLISH, counted, SampleFindings.equalCost("mor", "large", false, -0.03, 0.01)))
                .noneMatch(sentence -> sentence.startsWith("Without the cost of the exit checks"));
        assertThat(said(Language.ENGLISH, counted, SampleFindings.equalCost("mor", "large", false, 0.03, 0.01)))
                .anySatisfy(sentence -> assertThat(sentence)
                        .startsWith("Without the cost of the exit checks: mor is worse than vanilla"));
    }

    @Test
    void theSentencesAreAboutTheBestSizeAndTheCountIsAboutAll() {
        List<String> said = said(
                Language.ENGLISH,
                SampleFindings.equalCost("mor", "small", true, -0.07, 0.01),
                SampleFindings.equalCost("mor", "large", true, -0.04, 0.01),
                SampleFindings.equalCost("random", "small", true, 0.04, 0.01),
                SampleFindings.equalCost("random", "large", true, 0.04, 0.05),
                SampleFindings.apart("mor", "large", true, 6e6));
        assertThat(said).hasSize(4);
        assertThat(String.join(" ", said)).doesNotContain("−0.070").contains("−0.040");
        assertThat(said.getLast())
                .isEqualTo(
                        "Comparisons over all sizes and budgets: 5. The family without exits has the lower loss in 2 and"
                                + " the higher loss in 1; 1 are not told apart, and 1 do not overlap in cost. At 95 % each, about"
                                + " one in twenty can seem clear by chance.");
    }

    @Test
    void eachWayToTakeFewerLayersIsALineThatEndsAtTheModelAsItWasTrained() {
        Charts charts = (Charts) sections(
                        Language.ENGLISH,
                        SampleFindings.equalCost("mor", "large", true, -0.04, 0.01),
                        SampleFindings.equalCost("mor", "small", true, -0.04, 0.01))
                .get(1);
        assertThat(charts.charts()).hasSize(2);
        List<Series> series = charts.charts().getFirst().series();
        assertThat(series)
                .extracting(Series::name)
                .containsExactly(
                        "vanilla, early exits by softmax",
                        "vanilla, early exits by saturation",
                        "mor, bound on the depth");
        assertThat(series.getFirst().points()).extracting(Point::x).containsExactly(8e6, 12e6, 13.9e6);
        // An exit that costs more than full depth is left out, and so is routing that knows later tokens.
        assertThat(series.get(1).points()).extracting(Point::x).containsExactly(7e6, 13.9e6);
        assertThat(series.getLast().points()).extracting(Point::x).containsExactly(9e6, 11.2e6);
    }

    @Test
    void theTableHasEveryComparison() {
        Table table = (Table) sections(
                        Language.ENGLISH,
                        SampleFindings.equalCost("mor", "small", true, -0.04, 0.01),
                        SampleFindings.equalCost("mor", "large", false, 0.04, 0.05),
                        SampleFindings.apart("mor", "large", true, 6e6))
                .getLast();
        assertThat(table.rows())
                .containsExactly(
                        List.of(
                                "mor",
                                "vanilla, early exits by softmax",
                                "counted",
                                "small",
                                "4.00 T",
                                "11.2 M",
                                "−0.040",
                                "−0.050 to −0.030",
                                "3",
                                "better"),
                        List.of(
                                "mor",
                                "vanilla, early exits by softmax",
                                "not counted",
                                "large",
                                "4.00 T",
                                "11.2 M",
                                "+0.040",
                                "−0.010 to +0.090",
                                "3",
                                "not told apart"),
                        List.of(
                                "mor",
                                "vanilla, early exits by saturation",
                                "counted",
                                "large",
                                "4.00 T",
                                "6.00 M",
                                "–",
                                "–",
                                "3",
                                "no overlap: cheaper than every exit"));
    }

    @ParameterizedTest
    @EnumSource(Language.class)
    void markdownAndJsonHaveTheSameContent(Language language) {
        EqualCostComparison line = SampleFindings.equalCost("mor", "large", true, -0.04, 0.01);
        Report report = FindingsReport.of(SampleFindings.study(study(line)), new ReportOptions(language, 1));
        List<ReportSection> sections = sections(language, line);
        assertThat(report.sections()).containsAll(sections);
        String markdown = MarkdownReport.write(report).replace("\\", "");
        String json = JsonReport.write(report);
        for (ReportSection section : sections) {
            assertThat(markdown).contains("## " + section.heading(), section.lead());
            assertThat(json).contains(section.heading(), section.lead());
        }
        for (String sentence : said(language, line)) {
            assertThat(markdown).contains(sentence);
            assertThat(json).contains(sentence);
        }
        assertThat(markdown).contains("| −0.040 | −0.050 ", "13.9 M | 4.501");
        assertThat(json).contains("−0.040", "1.39E7");
    }

    @Test
    void aStudyWithoutExitsHasNoSuchSectionAndSaysHowToMeasureThem() {
        assertThat(sections(Language.ENGLISH)).isEmpty();
        EqualCostComparison line = SampleFindings.equalCost("mor", "large", true, -0.04, 0.01);
        assertThat(MarkdownReport.write(
                        FindingsReport.of(SampleFindings.study(study()), new ReportOptions(Language.ENGLISH, 1))))
                .contains("./saiki eval tradeoff");
        assertThat(MarkdownReport.write(
                        FindingsReport.of(SampleFindings.study(study(line)), new ReportOptions(Language.ENGLISH, 1))))
                .doesNotContain("./saiki eval tradeoff");
    }
}
