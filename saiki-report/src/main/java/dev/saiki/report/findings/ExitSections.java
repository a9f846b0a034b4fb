package dev.saiki.report.findings;

import static dev.saiki.report.Messages.with;

import dev.saiki.eval.format.Numbers;
import dev.saiki.report.LineChart;
import dev.saiki.report.LineChart.Point;
import dev.saiki.report.LineChart.Range;
import dev.saiki.report.LineChart.Series;
import dev.saiki.report.LineChart.Style;
import dev.saiki.report.Messages;
import dev.saiki.report.ReportSection;
import dev.saiki.report.ReportSection.Charts;
import dev.saiki.report.ReportSection.Prose;
import dev.saiki.report.ReportSection.Table;
import dev.saiki.report.TableBuilder;
import dev.saiki.study.results.ComparisonScope;
import dev.saiki.study.results.EqualCostComparison;
import dev.saiki.study.results.StudyResults;
import dev.saiki.study.statistics.QualityCurve;
import dev.saiki.study.statistics.QualityCurve.DepthControl;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The sections that compare learned depth with early exits.
///
/// The verdicts on a family follow from {@link EqualCostComparison}: better or worse at equal FLOPs per token only
/// if the interval excludes zero and covers seeds, otherwise undecided. If the family costs less than every
/// measured early exit or more than the other family at full depth, there is no verdict, since the curve of the
/// exits is not extrapolated.
final class ExitSections {

    private static final int DECIMALS = 3;

    private final StudyResults study;
    private final Messages messages;
    private final List<QualityCurve> curves;
    private final double budget;

    ExitSections(StudyResults study, Messages messages) {
        this.study = study;
        this.messages = messages;
        this.curves = QualityCurve.all(study);
        this.budget = study.equalCosts().stream()
                .mapToDouble(EqualCostComparison::budget)
                .max()
                .orElse(Double.NaN);
    }

    /// The outcome of a comparison at equal FLOPs.
    private enum ExitOutcome {
        BETTER,
        WORSE,
        SAME,
        SEEDS_UNKNOWN,
        /// The family is cheaper than every early exit of the other family.
        CHEAPER,
        /// The family is more expensive than the other family at full depth.
        DEARER;

        boolean isOverlap() {
            return this != CHEAPER && this != DEARER;
        }
    }

    /// All sections; none if the study compares no early exits.
    List<ReportSection> all() {
        return study.equalCosts().isEmpty() ? List.of() : List.of(sentences(), charts(), table());
    }

    private Prose sentences() {
        List<String> points = new ArrayList<>();
        for (EqualCostComparison line : study.equalCosts()) {
            if (line.checksCount() && line.budget() == budget && line.size().equals(size(line.family()))) {
                points.add(sentence(line));
                unchecked(line).ifPresent(points::add);
            }
        }
        points.add(count());
        return new Prose(
                messages.format("exits.heading"),
                messages.format("exits.lead", with("budget", new BudgetText(study.unit(), messages).amount(budget))),
                points);
    }

    /// The best size of a family, if known; otherwise the last size in the plan that has a comparison.
    private String size(String family) {
        return study.comparisons().stream()
                .filter(comparison -> comparison.scope() == ComparisonScope.BEST_SIZE && comparison.budget() == budget)
                .flatMap(comparison -> comparison.sizeOf(family).stream())
                .findFirst()
                .orElseGet(() -> study.equalCosts().stream()
                        .filter(line -> line.budget() == budget && line.family().equals(family))
                        .map(EqualCostComparison::size)
                        .reduce("", (_, last) -> last));
    }

    /// The sentence for the comparison without the cost of exit checks, if its outcome differs.
    private Optional<String> unchecked(EqualCostComparison checked) {
        return study.equalCosts().stream()
                .filter(line -> !line.checksCount()
                        && line.family().equals(checked.family())
                        && line.other().equals(checked.other())
                        && line.confidence().equals(checked.confidence())
                        && line.size().equals(checked.size())
                        && line.budget() == checked.budget())
                .filter(line -> outcome(line) != outcome(checked))
                .map(line -> messages.format("exits.unchecked", with("sentence", sentence(line))))
                .findFirst();
    }

    private ExitOutcome outcome(EqualCostComparison line) {
        if (!line.difference().isPresent()) {
            return line.flopsPerToken() > fullDepth(line) ? ExitOutcome.DEARER : ExitOutcome.CHEAPER;
        }
        if (!line.reason().isEmpty()) {
            return ExitOutcome.SEEDS_UNKNOWN;
        }
        return switch (line.verdict()) {
            case BETTER -> ExitOutcome.BETTER;
            case WORSE -> ExitOutcome.WORSE;
            case UNDECIDED -> ExitOutcome.SAME;
        };
    }

    /// FLOPs per token of the model with early exits when no token exits.
    private double fullDepth(EqualCostComparison line) {
        return curves.stream()
                .filter(curve -> curve.family().equals(line.other())
                        && curve.size().equals(line.size())
                        && curve.budget() == line.budget())
                .flatMap(curve -> curve.points().stream())
                .filter(point -> point.way() == DepthControl.OWN)
                .mapToDouble(QualityCurve.DepthSetting::flops)
                .max()
                .orElse(Double.NaN);
    }

    private String sentence(EqualCostComparison line) {
        return messages.format(
                Messages.key("exits", outcome(line)),
                with("family", line.family()),
                with("other", line.other()),
                with("confidence", confidence(line.confidence())),
                with("flops", Numbers.metric(line.flopsPerToken()) + "FLOP"),
                with("size", line.size()),
                with("seeds", line.seeds()),
                with("difference", signed(line.difference().value())),
                with("low", signed(line.difference().low())),
                with("high", signed(line.difference().high())));
    }

    private static String signed(Optional<Double> number) {
        return number.map(value -> Numbers.signed(value, DECIMALS)).orElse(Messages.NONE);
    }

    private String confidence(String name) {
        return messages.format("exits.by." + name);
    }

    /// The counts of all outcomes, since a few of many comparisons look clear by chance.
    private String count() {
        List<ExitOutcome> outcomes = study.equalCosts().stream()
                .filter(EqualCostComparison::checksCount)
                .map(this::outcome)
                .toList();
        long better = outcomes.stream().filter(ExitOutcome.BETTER::equals).count();
        long worse = outcomes.stream().filter(ExitOutcome.WORSE::equals).count();
        long overlap = outcomes.stream().filter(ExitOutcome::isOverlap).count();
        return messages.format(
                "exits.count",
                with("number", outcomes.size()),
                with("better", better),
                with("worse", worse),
                with("same", overlap - better - worse),
                with("apart", outcomes.size() - overlap));
    }

    /// One chart per size, at the budget that the sentences are about.
    private Charts charts() {
        List<LineChart> charts = new ArrayList<>();
        for (String size : study.sizes()) {
            List<Series> series = curves.stream()
                    .filter(curve -> curve.budget() == budget && curve.size().equals(size))
                    .flatMap(this::series)
                    .toList();
            if (!series.isEmpty()) {
                charts.add(new LineChart(
                        messages.format("exits.chart", with("size", size)),
                        messages.format("axis.flopsOperations"),
                        messages.format("axis.loss"),
                        series,
                        Optional.empty(),
                        Range.FITTED));
            }
        }
        return new Charts(messages.format("exits.charts"), messages.format("exits.chartsLead"), charts);
    }

    /// One line for each method by which a family's tokens take fewer layers, up to the setting with all
    /// layers; a family without such a method is a point. Settings that cost more than passing all layers are
    /// useless and omitted.
    private Stream<Series> series(QualityCurve curve) {
        List<QualityCurve.DepthSetting> own = curve.points().stream()
                .filter(point -> point.way() == DepthControl.OWN)
                .toList();
        double max =
                own.stream().mapToDouble(QualityCurve.DepthSetting::flops).max().orElse(Double.POSITIVE_INFINITY);
        List<Series> series = new ArrayList<>();
        for (DepthControl way : DepthControl.values()) {
            List<QualityCurve.DepthSetting> points = curve.points().stream()
                    .filter(point -> point.way() == way && (way == DepthControl.OWN || point.flops() < max))
                    .toList();
            if (points.isEmpty() || way == DepthControl.LOOKS_AHEAD || way == DepthControl.OWN) {
                continue;
            }
            series.add(new Series(
                    messages.format("dial.series", with("model", curve.family()), with("kind", way(way))),
                    Stream.concat(points.stream(), own.stream())
                            .map(ExitSections::point)
                            .toList(),
                    Style.JOINED_POINTS));
        }
        if (series.isEmpty()) {
            series.add(new Series(
                    curve.family(), own.stream().map(ExitSections::point).toList(), Style.JOINED_POINTS));
        }
        return series.stream();
    }

    private static Point point(QualityCurve.DepthSetting point) {
        return new Point(point.flops(), point.nll());
    }

    private String way(DepthControl way) {
        return switch (way) {
            case DEPTH_BOUND -> messages.format("dial.depth_bound");
            case EFFORT -> messages.format("dial.effort");
            case SOFTMAX_EXIT -> messages.format("exits.by.softmax");
            case SATURATION_EXIT -> messages.format("exits.by.saturation");
            case OWN, LOOKS_AHEAD -> messages.format("dial.full_depth");
        };
    }

    private Table table() {
        return new TableBuilder<EqualCostComparison>(messages)
                .column("table.model", EqualCostComparison::family)
                .column(
                        "exits.against",
                        line -> messages.format(
                                "dial.series",
                                with("model", line.other()),
                                with("kind", confidence(line.confidence()))))
                .column(
                        "exits.checks",
                        line -> messages.format(line.checksCount() ? "exits.counted" : "exits.notCounted"))
                .column("study.size", EqualCostComparison::size)
                .column(
                        "study.budget",
                        new BudgetText(study.unit(), messages).unitKey(),
                        line -> Numbers.metric(line.budget()))
                .column("table.flops", line -> Numbers.metric(line.flopsPerToken()))
                .column("study.difference", line -> signed(line.difference().value()))
                .column("chart.interval", this::interval)
                .column("study.seeds", line -> String.valueOf(line.seeds()))
                .column("study.verdict", this::verdict)
                .build(messages.format("exits.table"), messages.format("exits.tableLead"), study.equalCosts());
    }

    private String interval(EqualCostComparison line) {
        return line.difference().isPresent()
                ? messages.range(
                        signed(line.difference().low()),
                        signed(line.difference().high()))
                : Messages.NONE;
    }

    private String verdict(EqualCostComparison line) {
        return messages.format(
                switch (outcome(line)) {
                    case BETTER -> "verdict.better";
                    case WORSE -> "verdict.worse";
                    case SAME -> "verdict.undecided";
                    case SEEDS_UNKNOWN -> "verdict.oneSeed";
                    case CHEAPER -> "exits.noneCheaper";
                    case DEARER -> "exits.noneDearer";
                });
    }
}
