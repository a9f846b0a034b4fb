package dev.saiki.report.findings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.saiki.report.HtmlReport;
import dev.saiki.report.Language;
import dev.saiki.report.Report;
import dev.saiki.report.ReportSection;
import dev.saiki.report.ReportSection.Charts;
import dev.saiki.report.ReportSection.Command;
import dev.saiki.report.ReportSection.Commands;
import dev.saiki.report.ReportSection.CostedModel;
import dev.saiki.report.ReportSection.Costs;
import dev.saiki.report.ReportSection.Prose;
import dev.saiki.report.ReportSection.Table;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyResults;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FindingsReportTest {

    private static final Findings PILOT = SamplePilot.with(-0.04, 0.01);

    private static Report report(Findings findings, Language language) {
        return FindingsReport.of(findings, new ReportOptions(language, 2));
    }

    private static <S extends ReportSection> List<S> sections(Report report, Class<S> kind) {
        return report.sections().stream()
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    private static List<String> commands(Report report) {
        return sections(report, Commands.class).stream()
                .flatMap(section -> section.commands().stream())
                .map(Command::line)
                .toList();
    }

    @ParameterizedTest
    @EnumSource(Language.class)
    void pilotsStudiesAndSingleTrainingsAreWrittenInEveryLanguage(Language language) {
        for (Findings findings : List.of(
                PILOT,
                SampleFindings.study(3, -0.04, 0.01),
                SampleFindings.alone(PILOT, PILOT.subjects().getLast()))) {
            String html = HtmlReport.write(report(findings, language));
            assertThat(html).contains("<html lang=\"" + language.tag() + "\"");
            assertThat(html.substring(0, html.indexOf("<script>"))).doesNotContain("NaN", "Infinity");
        }
    }

    @Test
    void bothLanguagesHaveTheSameSectionsAndFigures() {
        Report english = report(PILOT, Language.ENGLISH);
        Report japanese = report(PILOT, Language.JAPANESE);
        assertThat(japanese.sections())
                .extracting(Object::getClass)
                .isEqualTo(english.sections().stream().map(Object::getClass).toList());
        assertThat(japanese.figures())
                .extracting(Report.KeyFigure::value)
                .isEqualTo(
                        english.figures().stream().map(Report.KeyFigure::value).toList());
    }

    @Test
    void everyModelAndTheFloorHaveARowAndDifferencesStandInOnePlace() {
        Report report = report(PILOT, Language.ENGLISH);
        Table table = sections(report, Table.class).getFirst();
        assertThat(table.rows())
                .extracting(List::getFirst)
                .containsExactly("vanilla", "recursive-2", "MoR-2", "unigram");
        assertThat(table.notes()).noneMatch(note -> note.contains("MoR-2 against vanilla"));
        assertThat(((Prose) report.sections().getFirst()).points())
                .filteredOn(
                        point -> point.startsWith("MoR-2 against vanilla, one training of each: −0.040 nats per token"))
                .hasSize(1);
    }

    @Test
    void whatIsMissingStandsThereWithItsCommand() {
        assertThat(commands(report(PILOT, Language.ENGLISH)))
                .contains("./saiki bench decode --model 'runs/my pilot/vanilla/last' --sequences 1,8 --json >>"
                        + " 'runs/my pilot/bench.jsonl'\n"
                        + "./saiki bench decode --model 'runs/my pilot/recursive-2/last' --sequences 1,8 --json >>"
                        + " 'runs/my pilot/bench.jsonl'\n"
                        + "./saiki bench decode --model 'runs/my pilot/MoR-2/last' --sequences 1,8 --json >>"
                        + " 'runs/my pilot/bench.jsonl'");
    }

    @Test
    void measuredSpeedsAddAChartAndEndTheQuestionForThem() {
        Findings measured = SampleFindings.withSpeeds(
                PILOT,
                List.of(SampleFindings.speed("vanilla", 100, 90, 110), SampleFindings.speed("MoR-2", 130, 120, 140)));
        Report report = report(measured, Language.ENGLISH);
        assertThat(sections(report, Charts.class).getFirst().charts()).hasSize(2);
        assertThat(sections(report, Costs.class).getFirst().models())
                .extracting(CostedModel::tokensPerSecond, CostedModel::cacheBytesPerToken)
                .containsExactly(tuple(100.0, 8192.0), tuple(Double.NaN, 4096.0), tuple(130.0, 8192.0));
        assertThat(commands(report))
                .contains("./saiki bench decode --model 'runs/my pilot/recursive-2/last' --sequences 1,8 --json >>"
                        + " 'runs/my pilot/bench.jsonl'");
    }

    @Test
    void aStudyTellsEveryComparisonAndWhatARecursionIsWorth() {
        List<List<String>> cells =
                sections(report(SampleFindings.study(3, -0.04, 0.01), Language.ENGLISH), Table.class).stream()
                        .flatMap(table -> table.rows().stream())
                        .toList();
        assertThat(cells)
                .contains(List.of(
                        "mor",
                        "vanilla",
                        "large against large, each model at its best size",
                        "4.00 T",
                        "3",
                        "−0.040",
                        "−0.050 to −0.030",
                        "<0.001",
                        "better"))
                .contains(List.of(
                        "mor",
                        "random",
                        "large against large, each model at its best size",
                        "4.00 T",
                        "3",
                        "+0.000",
                        "−0.010 to +0.010",
                        "1.000",
                        "not told apart"))
                .contains(List.of("mor", "worth of a recursion (phi)", "0.460 (0.300 to 0.600)"))
                .anySatisfy(row ->
                        assertThat(row).contains("mor", "+0.0200 (+0.0100 to +0.0300)", "25.0 % (24.0 % to 26.0 %)"));
    }

    @Test
    void aStudyOfSeveralSizesHasACurveForEachBudget() {
        List<Charts> charts = sections(report(SampleFindings.study(3, -0.04, 0.01), Language.ENGLISH), Charts.class);
        assertThat(charts).hasSize(2);
        assertThat(charts.getLast().charts()).hasSize(1);
        assertThat(charts.getLast().charts().getFirst().series())
                .allSatisfy(series -> assertThat(series.points()).hasSize(2));
    }

    @Test
    void aStudyEndsWithEveryRunAndLongTablesAreFolded() {
        StudyResults results = SampleFindings.results(10, -0.04, 0.01);
        Report report = report(SampleFindings.study(results), Language.ENGLISH);
        Table runs = sections(report, Table.class).stream()
                .filter(table -> table.heading().equals("Every run"))
                .findFirst()
                .orElseThrow();
        assertThat(runs.rows())
                .extracting(List::getFirst)
                .isEqualTo(results.runs().stream().map(RunResult::id).toList());
        assertThat(HtmlReport.write(report)).contains("<details><summary>60 rows</summary>");
    }
}
