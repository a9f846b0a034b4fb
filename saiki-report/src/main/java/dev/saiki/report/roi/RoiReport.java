package dev.saiki.report.roi;

import dev.saiki.eval.format.Column;
import dev.saiki.eval.format.Numbers;
import dev.saiki.report.Language;
import dev.saiki.report.LineChart;
import dev.saiki.report.Messages;
import dev.saiki.report.Report;
import dev.saiki.report.ReportSection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// The report of a cost analysis.
public final class RoiReport {

    private final RoiAnalysis analysis;
    private final Language language;
    private final Messages messages;

    private RoiReport(RoiAnalysis analysis, Language language) {
        this.analysis = analysis;
        this.language = language;
        this.messages = Messages.in(language);
    }

    /// Writes a page.
    ///
    /// @param analysis the analysis to report
    /// @param language of the page
    /// @return its content
    public static Report of(RoiAnalysis analysis, Language language) {
        return new RoiReport(analysis, language).report();
    }

    private Report report() {
        return new Report(
                language,
                messages.format("roi.title"),
                messages.format(
                        "roi.source",
                        "plan",
                        analysis.plan().name(),
                        "months",
                        analysis.plan().months(),
                        "draws",
                        RoiAnalysis.DRAWS,
                        "seed",
                        analysis.seed()),
                answer(),
                notes(),
                figures(),
                List.of(steps(), conditions(), months(), assumptions()));
    }

    private List<Report.KeyFigure> figures() {
        RoiAnalysis.Costs likely = analysis.likely();
        List<Report.KeyFigure> figures = new ArrayList<>(List.of(
                new Report.KeyFigure(money(likely.totalStaying()), messages.format("roi.staying"), ""),
                new Report.KeyFigure(money(likely.totalChanging()), messages.format("roi.changing"), ""),
                new Report.KeyFigure(
                        month(analysis.breakEven().median()),
                        messages.format("roi.breakEven"),
                        between(
                                month(analysis.breakEven().low()),
                                month(analysis.breakEven().high()))),
                new Report.KeyFigure(Numbers.percent(analysis.paying(), 0), messages.format("roi.paying"), "")));
        analysis.costRatio()
                .ifPresent(ratio -> figures.add(new Report.KeyFigure(
                        Numbers.fixed(ratio.median(), 2),
                        messages.format("roi.costRatio"),
                        between(Numbers.fixed(ratio.low(), 2), Numbers.fixed(ratio.high(), 2)))));
        return List.copyOf(figures);
    }

    private String between(String low, String high) {
        return messages.format("roi.between", "low", low, "high", high);
    }

    private String answer() {
        RoiAnalysis.Costs likely = analysis.likely();
        double saving = likely.totalStaying() - likely.totalChanging();
        String key = saving > 0
                ? analysis.saving().low() > 0 ? "roi.answer.pays" : "roi.answer.likely"
                : analysis.saving().high() <= 0 ? "roi.answer.loses" : "roi.answer.unlikely";
        return messages.format(
                key,
                "saving",
                money(Math.abs(saving)),
                "months",
                analysis.plan().months());
    }

    private List<String> notes() {
        List<String> notes = new ArrayList<>(List.of(range()));
        analysis.costRatio()
                .ifPresent(ratio -> notes.add(messages.format(
                        "roi.costRatio.note",
                        "median",
                        Numbers.fixed(ratio.median(), 2),
                        "low",
                        Numbers.fixed(ratio.low(), 2),
                        "high",
                        Numbers.fixed(ratio.high(), 2))));
        if (!analysis.plan().measured().isEmpty()) {
            notes.add(messages.format(
                    "roi.measured",
                    "quantities",
                    analysis.plan().measured().stream().map(this::name).collect(Collectors.joining(" · "))));
        }
        return notes;
    }

    private String range() {
        return messages.format(
                "roi.range",
                "low",
                money(analysis.saving().low()),
                "high",
                money(analysis.saving().high()),
                "paying",
                Numbers.percent(analysis.paying(), 0));
    }

    private ReportSection steps() {
        List<List<String>> rows = new ArrayList<>();
        for (RoiAnalysis.StepCosts step : analysis.likely().steps()) {
            rows.add(List.of(
                    step.name(),
                    String.valueOf(step.months()),
                    money(step.once()),
                    money(step.running()),
                    money(step.staying()),
                    money(step.staying() - step.running() - step.once())));
        }
        RoiAnalysis.Costs likely = analysis.likely();
        rows.add(List.of(
                messages.format("roi.all"),
                String.valueOf(analysis.plan().months()),
                money(likely.steps().stream()
                        .mapToDouble(RoiAnalysis.StepCosts::once)
                        .sum()),
                money(likely.steps().stream()
                        .mapToDouble(RoiAnalysis.StepCosts::running)
                        .sum()),
                money(likely.totalStaying()),
                money(likely.totalStaying() - likely.totalChanging())));
        String currency = analysis.plan().currency();
        return new ReportSection.Table(
                messages.format("roi.steps.heading"),
                messages.format("roi.steps.lead"),
                List.of(
                        new Column(messages.format("roi.step"), ""),
                        new Column(messages.format("roi.months"), ""),
                        new Column(messages.format("roi.once"), currency),
                        new Column(messages.format("roi.running"), currency),
                        new Column(messages.format("roi.stayingMeanwhile"), currency),
                        new Column(messages.format("roi.saved"), currency)),
                rows,
                List.of());
    }

    private ReportSection conditions() {
        List<String> points = new ArrayList<>();
        for (RoiAnalysis.Condition condition : analysis.decisive()) {
            points.add(messages.format(
                    condition.isAtLeast() ? "roi.condition.atLeast" : "roi.condition.atMost",
                    "quantity",
                    name(condition.quantity()),
                    "bound",
                    Numbers.metric(condition.bound().getAsDouble()),
                    "likely",
                    Numbers.metric(condition.likely())));
        }
        if (points.isEmpty()) {
            points.add(messages.format("roi.condition.none"));
        }
        return new ReportSection.Prose(
                messages.format("roi.conditions.heading"), messages.format("roi.conditions.lead"), points);
    }

    private ReportSection months() {
        List<LineChart.Point> points = new ArrayList<>();
        points.add(new LineChart.Point(0, 0));
        List<Double> ahead = analysis.ahead();
        for (int i = 0; i < ahead.size(); i++) {
            points.add(new LineChart.Point(i + 1.0, ahead.get(i)));
        }
        LineChart chart = new LineChart(
                messages.format("roi.chart"),
                messages.format("roi.month"),
                analysis.plan().currency(),
                List.of(new LineChart.Series(messages.format("roi.saved"), points, LineChart.Style.LINE)),
                Optional.of(new LineChart.Reference(messages.format("roi.breakEven"), 0)),
                LineChart.Range.FROM_ZERO);
        return new ReportSection.Charts(
                messages.format("roi.months.heading"), messages.format("roi.months.lead"), List.of(chart));
    }

    private ReportSection assumptions() {
        List<List<String>> rows = new ArrayList<>();
        analysis.plan()
                .quantities()
                .forEach((quantity, number) -> rows.add(List.of(
                        name(quantity),
                        Numbers.metric(number.likely()),
                        number.low() == number.high()
                                ? "–"
                                : messages.format(
                                        "number.range",
                                        "low",
                                        Numbers.metric(number.low()),
                                        "high",
                                        Numbers.metric(number.high())),
                        quantity.key())));
        return new ReportSection.Table(
                messages.format("roi.assumptions.heading"),
                messages.format("roi.assumptions.lead"),
                List.of(
                        new Column(messages.format("roi.quantity"), ""),
                        new Column(messages.format("roi.likely"), ""),
                        new Column(messages.format("roi.interval"), ""),
                        new Column(messages.format("roi.key"), "")),
                rows,
                List.of(messages.format("roi.formula")));
    }

    private String name(Quantity quantity) {
        return messages.format("roi." + quantity.key());
    }

    private String month(double month) {
        return Double.isInfinite(month)
                ? messages.format("roi.never", "months", analysis.plan().months())
                : messages.format("roi.inMonth", "month", Numbers.fixed(month, 0));
    }

    private String money(double amount) {
        return Numbers.metric(amount).replace('-', '\u2212') + " "
                + analysis.plan().currency();
    }
}
