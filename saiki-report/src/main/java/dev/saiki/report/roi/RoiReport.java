package dev.saiki.report.roi;

import static dev.saiki.report.Messages.with;

import dev.saiki.eval.format.Column;
import dev.saiki.eval.format.Numbers;
import dev.saiki.report.Language;
import dev.saiki.report.LineChart;
import dev.saiki.report.Messages;
import dev.saiki.report.Report;
import dev.saiki.report.ReportSection;
import dev.saiki.report.TableBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

    /// Makes the content of a page.
    ///
    /// @param analysis the analysis to report
    /// @param language language of the page
    /// @return the content of the page
    public static Report of(RoiAnalysis analysis, Language language) {
        return new RoiReport(analysis, language).report();
    }

    private Report report() {
        return new Report(
                language,
                messages.format("roi.title"),
                messages.format(
                        "roi.source",
                        with("plan", analysis.plan().name()),
                        with("months", analysis.plan().months()),
                        with("draws", RoiAnalysis.DRAWS),
                        with("seed", analysis.seed())),
                answer(),
                notes(),
                figures(),
                List.of(steps(), conditions(), months(), assumptions()));
    }

    private List<Report.KeyFigure> figures() {
        RoiCosts likely = analysis.likely();
        List<Report.KeyFigure> figures = new ArrayList<>(List.of(
                new Report.KeyFigure(money(likely.totalStaying()), messages.format("roi.staying"), ""),
                new Report.KeyFigure(money(likely.totalChanging()), messages.format("roi.changing"), ""),
                new Report.KeyFigure(
                        month(analysis.breakEven().median()),
                        messages.format("roi.breakEven"),
                        messages.range(
                                month(analysis.breakEven().low()),
                                month(analysis.breakEven().high()))),
                new Report.KeyFigure(Numbers.percent(analysis.paying(), 0), messages.format("roi.paying"), "")));
        analysis.costRatio()
                .ifPresent(ratio -> figures.add(new Report.KeyFigure(
                        Numbers.fixed(ratio.median(), 2),
                        messages.format("roi.costRatio"),
                        messages.range(Numbers.fixed(ratio.low(), 2), Numbers.fixed(ratio.high(), 2)))));
        return List.copyOf(figures);
    }

    private String answer() {
        RoiCosts likely = analysis.likely();
        double saving = likely.saving();
        String key = saving > 0
                ? analysis.saving().low() > 0 ? "roi.answer.pays" : "roi.answer.likely"
                : analysis.saving().high() <= 0 ? "roi.answer.loses" : "roi.answer.unlikely";
        return messages.format(
                key,
                with("saving", money(Math.abs(saving))),
                with("months", analysis.plan().months()));
    }

    private List<String> notes() {
        List<String> notes = new ArrayList<>(List.of(range()));
        analysis.costRatio()
                .ifPresent(ratio -> notes.add(messages.format(
                        "roi.costRatio.note",
                        with("median", Numbers.fixed(ratio.median(), 2)),
                        with("low", Numbers.fixed(ratio.low(), 2)),
                        with("high", Numbers.fixed(ratio.high(), 2)))));
        if (!analysis.plan().measured().isEmpty()) {
            notes.add(messages.format(
                    "roi.measured",
                    with(
                            "quantities",
                            analysis.plan().measured().stream().map(this::name).collect(Collectors.joining(" · ")))));
        }
        return notes;
    }

    private String range() {
        return messages.format(
                "roi.range",
                with("low", money(analysis.saving().low())),
                with("high", money(analysis.saving().high())),
                with("paying", Numbers.percent(analysis.paying(), 0)));
    }

    private ReportSection steps() {
        RoiCosts likely = analysis.likely();
        List<RoiCosts.StepCost> rows = new ArrayList<>(likely.steps());
        rows.add(new RoiCosts.StepCost(
                messages.format("roi.all"),
                analysis.plan().months(),
                likely.steps().stream().mapToDouble(RoiCosts.StepCost::once).sum(),
                likely.steps().stream().mapToDouble(RoiCosts.StepCost::running).sum(),
                likely.totalStaying()));
        return new TableBuilder<RoiCosts.StepCost>(messages)
                .column("roi.step", RoiCosts.StepCost::name)
                .column("roi.months", step -> String.valueOf(step.months()))
                .column(inCurrency("roi.once"), step -> money(step.once()))
                .column(inCurrency("roi.running"), step -> money(step.running()))
                .column(inCurrency("roi.stayingMeanwhile"), step -> money(step.staying()))
                .column(inCurrency("roi.saved"), step -> money(step.saving()))
                .build(messages.format("roi.steps.heading"), messages.format("roi.steps.lead"), rows);
    }

    private Column inCurrency(String title) {
        return new Column(messages.format(title), analysis.plan().currency());
    }

    private ReportSection conditions() {
        List<String> points = new ArrayList<>();
        for (RoiAnalysis.Condition condition : analysis.decisive()) {
            points.add(messages.format(
                    condition.isAtLeast() ? "roi.condition.atLeast" : "roi.condition.atMost",
                    with("quantity", name(condition.quantity())),
                    with("bound", number(condition.quantity(), condition.bound().getAsDouble())),
                    with("likely", number(condition.quantity(), condition.likely()))));
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
        List<Double> ahead = analysis.likely().ahead();
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
        Map<Quantity, UncertainNumber> numbers = analysis.plan().quantities();
        return new TableBuilder<Map.Entry<Quantity, UncertainNumber>>(messages)
                .column("roi.quantity", stated -> name(stated.getKey()))
                .column(
                        "roi.likely",
                        stated -> number(stated.getKey(), stated.getValue().likely()))
                .column("roi.interval", stated -> interval(stated.getKey(), stated.getValue()))
                .column("roi.key", stated -> stated.getKey().key())
                .build(
                        messages.format("roi.assumptions.heading"),
                        messages.format("roi.assumptions.lead"),
                        List.copyOf(numbers.entrySet()),
                        messages.format("roi.formula"));
    }

    private String interval(Quantity quantity, UncertainNumber number) {
        return number.low() == number.high()
                ? Messages.NONE
                : messages.range(number(quantity, number.low()), number(quantity, number.high()));
    }

    private static String number(Quantity quantity, double value) {
        return minus(quantity.isShare() ? Numbers.percent(value, 1) : Numbers.metric(value));
    }

    private String name(Quantity quantity) {
        return messages.format("roi." + quantity.key());
    }

    private String month(double month) {
        return Double.isInfinite(month)
                ? messages.format("roi.never", with("months", analysis.plan().months()))
                : messages.format("roi.inMonth", with("month", Numbers.fixed(month, 0)));
    }

    private String money(double amount) {
        return minus(Numbers.metric(amount)) + " " + analysis.plan().currency();
    }

    private static String minus(String number) {
        return number.replace('-', '\u2212');
    }
}
