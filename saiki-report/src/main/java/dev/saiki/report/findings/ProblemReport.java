package dev.saiki.report.findings;

import dev.saiki.eval.Interval;
import dev.saiki.eval.format.Column;
import dev.saiki.eval.format.Numbers;
import dev.saiki.eval.problem.ProblemResult;
import dev.saiki.eval.problem.ProblemResult.Level;
import dev.saiki.report.Language;
import dev.saiki.report.LineChart;
import dev.saiki.report.Report;
import dev.saiki.report.ReportSection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The report of a model's accuracy on problems, by difficulty and compute setting.
///
/// @param model name of the model
/// @param results a result for each setting; the first is the model's default
public record ProblemReport(String model, List<ProblemResult> results) {

    private static final String PROBLEMS = "Accuracy by difficulty";

    /// Builds the report.
    ///
    /// @return the report, in English
    public Report report() {
        return new Report(
                Language.ENGLISH,
                "Problems of known difficulty",
                model,
                answer(),
                List.of(),
                List.of(),
                List.of(chart(), table()));
    }

    /// States the share of right answers at the default, and where another setting falls furthest below it.
    private String answer() {
        List<Level> usual = results.getFirst().levels();
        String furthest = "";
        double widest = 0;
        for (ProblemResult other : results) {
            for (int i = 0; i < usual.size(); i++) {
                double atDefault = usual.get(i).accuracy().mean();
                double atOther = other.levels().get(i).accuracy().mean();
                if (atDefault - atOther > widest) {
                    widest = atDefault - atOther;
                    furthest = " At difficulty " + usual.get(i).difficulty() + ", " + Numbers.percent(atOther, 0)
                            + " are right at " + other.setting() + ", " + Numbers.percent(atDefault, 0)
                            + " at the default.";
                }
            }
        }
        double right = usual.stream()
                        .mapToDouble(level -> level.answers() * level.accuracy().mean())
                        .sum()
                / usual.stream().mapToInt(Level::answers).sum();
        return Numbers.percent(right, 0) + " of the answers are right at the default." + furthest;
    }

    private ReportSection chart() {
        List<LineChart.Series> series = results.stream()
                .map(result -> new LineChart.Series(
                        result.setting(),
                        result.levels().stream().map(ProblemReport::point).toList(),
                        LineChart.Style.JOINED_POINTS))
                .toList();
        return new ReportSection.Charts(
                PROBLEMS,
                "An answer is right if each of its tokens is the likeliest. Bars are 95 % intervals over documents.",
                List.of(new LineChart(
                        PROBLEMS,
                        "difficulty",
                        "share of right answers",
                        series,
                        Optional.empty(),
                        LineChart.Range.FITTED)));
    }

    private static LineChart.Point point(Level level) {
        Interval accuracy = level.accuracy();
        return new LineChart.Point(level.difficulty(), accuracy.mean()).withHeight(accuracy.low(), accuracy.high());
    }

    private ReportSection table() {
        List<Column> columns = new ArrayList<>(List.of(
                new Column("setting", ""),
                new Column("loss", "nats per token"),
                new Column("depth on answers", ""),
                new Column("depth elsewhere", "")));
        results.getFirst()
                .levels()
                .forEach(level -> columns.add(new Column("difficulty " + level.difficulty(), "% right")));
        List<List<String>> rows = results.stream()
                .map(result -> {
                    List<String> cells = new ArrayList<>(List.of(
                            result.setting(),
                            Numbers.fixed(result.loss(), 4),
                            Numbers.fixed(result.depthOnAnswers(), 2),
                            Numbers.fixed(result.depthElsewhere(), 2)));
                    result.levels()
                            .forEach(level -> cells.add(
                                    Numbers.fixed(100 * level.accuracy().mean(), 1)));
                    return cells;
                })
                .toList();
        return new ReportSection.Table(
                "All settings",
                "Depths are mean recursions of the tokens that predict answers, and of all others.",
                columns,
                rows,
                List.of());
    }
}
