package dev.saiki.report.findings;

import static dev.saiki.report.Messages.with;

import dev.saiki.eval.Estimate;
import dev.saiki.eval.Interval;
import dev.saiki.eval.format.Numbers;
import dev.saiki.report.LineChart;
import dev.saiki.report.LineChart.Point;
import dev.saiki.report.LineChart.Range;
import dev.saiki.report.LineChart.Reference;
import dev.saiki.report.LineChart.Series;
import dev.saiki.report.LineChart.Style;
import dev.saiki.report.Messages;
import dev.saiki.report.ReportSection;
import dev.saiki.report.ReportSection.Charts;
import dev.saiki.report.findings.Findings.ComparedModel;
import dev.saiki.report.findings.TradeoffCurve.TradeoffPoint;
import dev.saiki.study.TrainingLog.Validation;
import dev.saiki.study.plan.BudgetUnit;
import dev.saiki.study.results.ComparisonScope;
import dev.saiki.study.results.FamilyComparison;
import dev.saiki.study.results.RunPurpose;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyResults;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/// The charts: quality against cost, losses during training, and curves of equal compute.
///
/// @param findings the figures
/// @param messages the language
record ChartSections(Findings findings, Messages messages) {

    /// Loss against counted compute and, if speeds were measured, against speed.
    List<ReportSection> quality() {
        List<LineChart> charts = new ArrayList<>();
        charts.add(chart("quality.flops", "axis.flopsPerToken", quality(ComparedModel::flopsPerToken)));
        List<Series> measured = measured();
        if (!measured.isEmpty()) {
            charts.add(chart("quality.speed", "axis.tokensPerSecond", measured));
        }
        List<TradeoffCurve> dials = findings.attachments().dials();
        if (!dials.isEmpty()) {
            charts.add(chart(
                    "quality.dials",
                    "axis.flopsOperations",
                    dials.stream().flatMap(this::dial).toList()));
        }
        return List.of(new Charts(
                messages.format("quality.heading"),
                messages.format(measured.isEmpty() ? "quality.leadUnmeasured" : "quality.lead"),
                charts));
    }

    private LineChart chart(String title, String xLabel, List<Series> series) {
        return new LineChart(
                messages.format(title),
                messages.format(xLabel),
                messages.format("axis.loss"),
                series,
                Optional.empty(),
                Range.FITTED);
    }

    private List<Series> quality(ToDoubleFunction<ComparedModel> cost) {
        return findings.subjects().stream()
                .map(subject -> new Series(
                        subject.name(),
                        List.of(new Point(
                                        cost.applyAsDouble(subject),
                                        subject.loss().nll())
                                .withHeight(subject.loss().low(), subject.loss().high())),
                        Style.POINTS))
                .toList();
    }

    private List<Series> measured() {
        List<Series> series = new ArrayList<>();
        Optional<EngineSpeed> common = CostSection.common(findings);
        for (ComparedModel subject : findings.subjects()) {
            SpeedComparison.of(findings, subject).stream()
                    .filter(speed -> common.filter(speed::isLike).isPresent())
                    .findFirst()
                    .ifPresent(speed -> series.add(new Series(
                            subject.name(),
                            List.of(new Point(speed.median(), subject.loss().nll())
                                    .withHeight(
                                            subject.loss().low(), subject.loss().high())
                                    .withWidth(speed.min(), speed.max())),
                            Style.POINTS)));
        }
        return series;
    }

    /// One series for each kind of setting, where full depth is a kind of its own.
    private Stream<Series> dial(TradeoffCurve curve) {
        String model = findings.subjects().stream()
                .filter(subject -> subject.checkpoints().stream()
                        .anyMatch(checkpoint -> SpeedComparison.isSame(curve.model(), checkpoint)))
                .map(ComparedModel::name)
                .findFirst()
                .orElse(curve.model());
        return curve.points().stream()
                .map(TradeoffPoint::kind)
                .distinct()
                .map(kind -> new Series(
                        messages.format(
                                "dial.series",
                                with("model", model),
                                with("kind", messages.formatOr("dial." + kind, kind))),
                        curve.points().stream()
                                .filter(point -> point.kind().equals(kind))
                                .map(point -> point(point, curve.clusters()))
                                .toList(),
                        Style.JOINED_POINTS));
    }

    private static Point point(TradeoffPoint point, int clusters) {
        double margin = Interval.margin(point.standardError(), clusters);
        return new Point(point.flopsPerToken(), point.nll()).withHeight(point.nll() - margin, point.nll() + margin);
    }

    /// Losses during training, and curves of equal compute.
    List<ReportSection> training() {
        List<ReportSection> sections = new ArrayList<>();
        boolean hasCurves = findings.subjects().stream()
                .anyMatch(subject -> subject.training().curve().size() > 1);
        if (hasCurves) {
            sections.add(new Charts(
                    messages.format("curves.heading"),
                    messages.format(findings.floor().isPresent() ? "curves.leadFloor" : "curves.lead"),
                    List.of(
                            curves("curves.flops", "axis.trainingFlops", Validation::forwardFlops),
                            curves("curves.tokens", "axis.trainingTokens", Validation::tokens))));
        }
        findings.study()
                .filter(study -> study.unit() == BudgetUnit.TOKENS)
                .flatMap(this::overText)
                .ifPresent(sections::add);
        findings.study().filter(study -> study.sizes().size() > 1).ifPresent(study -> sections.add(isoFlops(study)));
        return sections;
    }

    private LineChart curves(String title, String xLabel, ToDoubleFunction<Validation> x) {
        return new LineChart(
                messages.format(title),
                messages.format(xLabel),
                messages.format("axis.loss"),
                findings.subjects().stream()
                        .map(subject -> new Series(
                                subject.name(),
                                subject.training().curve().stream()
                                        .map(point -> new Point(x.applyAsDouble(point), point.nll()))
                                        .toList(),
                                Style.LINE))
                        .toList(),
                findings.floor().map(floor -> new Reference(messages.format("table.unigram"), floor.nll())),
                Range.FROM_ZERO);
    }

    /// One chart per budget: the loss as a function of the size, with the spread over seeds.
    private Charts isoFlops(StudyResults study) {
        BudgetText text = new BudgetText(study.unit(), messages);
        List<LineChart> charts = new ArrayList<>();
        for (double budget : study.budgets()) {
            List<Series> series = study.families().stream()
                    .map(family -> new Series(family.name(), sizes(study, family.name(), budget), Style.JOINED_POINTS))
                    .toList();
            if (series.stream().anyMatch(one -> !one.points().isEmpty())) {
                charts.add(new LineChart(
                        messages.format("isoflops.title", with("flops", text.amount(budget))),
                        messages.format("axis.parameters"),
                        messages.format("axis.loss"),
                        series,
                        Optional.empty(),
                        Range.LOGARITHMIC));
            }
        }
        return new Charts(
                messages.format(text.key("isoflops.heading")), messages.format(text.key("isoflops.lead")), charts);
    }

    /// One chart per size: the loss difference of each family from the families it is compared with, as a function
    /// of the amount of text read.
    private Optional<Charts> overText(StudyResults study) {
        List<LineChart> charts = new ArrayList<>();
        for (String size : study.sizes()) {
            List<Series> series = study.families().stream()
                    .flatMap(family -> overText(study, family.name(), size).stream())
                    .toList();
            if (series.stream().anyMatch(one -> one.points().size() > 1)) {
                charts.add(new LineChart(
                        messages.format("overText.title", with("size", size)),
                        messages.format("axis.trainingTokens"),
                        messages.format("axis.lossDifference"),
                        series,
                        Optional.empty(),
                        Range.LOGARITHMIC));
            }
        }
        return charts.isEmpty()
                ? Optional.empty()
                : Optional.of(new Charts(
                        messages.format("overText.heading"),
                        messages.format(
                                "overText.lead",
                                with("tokens", Numbers.metric(study.data().trainTokens()))),
                        charts));
    }

    /// One series for each family that this family is compared with.
    private List<Series> overText(StudyResults study, String family, String size) {
        Map<String, List<Point>> byBaseline = new TreeMap<>();
        for (FamilyComparison comparison : study.comparisons()) {
            if (comparison.scope() == ComparisonScope.SAME_SIZE
                    && comparison.family().equals(family)
                    && comparison.size().equals(size)) {
                byBaseline
                        .computeIfAbsent(comparison.baseline(), _ -> new ArrayList<>())
                        .add(new Point(comparison.budget(), comparison.difference())
                                .withHeight(comparison.low(), comparison.high()));
            }
        }
        List<Series> series = new ArrayList<>();
        byBaseline.forEach((baseline, points) -> series.add(new Series(
                messages.format("overText.series", with("family", family), with("baseline", baseline)),
                points.stream().sorted(Comparator.comparingDouble(Point::x)).toList(),
                Style.JOINED_POINTS)));
        return series;
    }

    private static List<Point> sizes(StudyResults study, String family, double budget) {
        LossUncertainty errors = LossUncertainty.of(study, budget);
        Map<Long, List<Double>> bySize = new TreeMap<>();
        for (RunResult run : study.runs()) {
            if (run.purpose() == RunPurpose.GRID && run.family().equals(family) && run.budget() == budget) {
                bySize.computeIfAbsent(run.model().nonEmbeddingParameters(), _ -> new ArrayList<>())
                        .add(run.heldOut().nll());
            }
        }
        List<Point> points = new ArrayList<>();
        bySize.forEach((size, losses) -> {
            double mean = Estimate.of(losses).mean();
            double margin = errors.seedMargin(losses.size());
            points.add(new Point(size, mean).withHeight(mean - margin, mean + margin));
        });
        return points;
    }
}
