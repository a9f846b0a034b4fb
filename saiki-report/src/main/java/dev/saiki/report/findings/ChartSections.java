package dev.saiki.report.findings;

import dev.saiki.eval.Estimate;
import dev.saiki.eval.Interval;
import dev.saiki.eval.format.Numbers;
import dev.saiki.report.LineChart;
import dev.saiki.report.LineChart.Point;
import dev.saiki.report.LineChart.Range;
import dev.saiki.report.LineChart.Reference;
import dev.saiki.report.LineChart.Series;
import dev.saiki.report.LineChart.Style;
import dev.saiki.report.ReportSection;
import dev.saiki.report.ReportSection.Charts;
import dev.saiki.report.Words;
import dev.saiki.report.findings.DialCurve.DialPoint;
import dev.saiki.report.findings.Findings.CurvePoint;
import dev.saiki.report.findings.Findings.Subject;
import dev.saiki.study.results.RunPurpose;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyResults;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/// The charts: quality against what it costs, losses while training, and curves of equal compute.
final class ChartSections {

    private final Findings findings;
    private final Words words;

    ChartSections(Findings findings, Words words) {
        this.findings = findings;
        this.words = words;
    }

    /// Loss against counted computation, and against measured speed where it was measured.
    List<ReportSection> quality() {
        List<LineChart> charts = new ArrayList<>();
        charts.add(chart("quality.flops", "axis.flopsPerToken", quality(Subject::flopsPerToken)));
        List<Series> measured = measured();
        if (!measured.isEmpty()) {
            charts.add(chart("quality.speed", "axis.tokensPerSecond", measured));
        }
        List<DialCurve> dials = findings.attachments().dials();
        if (!dials.isEmpty()) {
            charts.add(chart(
                    "quality.dials",
                    "axis.flopsOperations",
                    dials.stream().flatMap(this::dial).toList()));
        }
        return List.of(new Charts(
                words.say("quality.heading"),
                words.say(measured.isEmpty() ? "quality.leadUnmeasured" : "quality.lead"),
                charts));
    }

    private LineChart chart(String title, String xLabel, List<Series> series) {
        return new LineChart(
                words.say(title), words.say(xLabel), words.say("axis.loss"), series, Optional.empty(), Range.FITTED);
    }

    private List<Series> quality(ToDoubleFunction<Subject> cost) {
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
        Optional<Speed> common = CostSection.common(findings);
        for (Subject subject : findings.subjects()) {
            SpeedContrast.of(findings, subject).stream()
                    .filter(speed -> common.filter(speed::isLike).isPresent())
                    .findFirst()
                    .ifPresent(speed -> series.add(new Series(
                            subject.name(),
                            List.of(new Point(speed.median(), subject.loss().nll())
                                    .withHeight(
                                            subject.loss().low(), subject.loss().high())
                                    .withWidth(speed.least(), speed.most())),
                            Style.POINTS)));
        }
        return series;
    }

    /// One series a kind of setting; full depth belongs to each, or stands alone.
    private Stream<Series> dial(DialCurve curve) {
        String model = findings.subjects().stream()
                .filter(subject -> subject.checkpoints().stream()
                        .anyMatch(checkpoint -> SpeedContrast.isSame(curve.model(), checkpoint)))
                .map(Subject::name)
                .findFirst()
                .orElse(curve.model());
        return curve.points().stream()
                .map(DialPoint::kind)
                .distinct()
                .map(kind -> new Series(
                        words.say("dial.series", "model", model, "kind", dialKind(kind)),
                        curve.points().stream()
                                .filter(point -> point.kind().equals(kind))
                                .map(point -> point(point, curve.clusters()))
                                .toList(),
                        Style.JOINED_POINTS));
    }

    private static Point point(DialPoint point, int clusters) {
        double margin = Interval.margin(point.standardError(), clusters);
        return new Point(point.flopsPerToken(), point.nll()).withHeight(point.nll() - margin, point.nll() + margin);
    }

    private String dialKind(String kind) {
        return switch (kind) {
            case "full_depth" -> words.say("dial.full");
            case "early_exit" -> words.say("dial.exit");
            case "depth_bound" -> words.say("dial.bound");
            case "effort" -> words.say("dial.effort");
            default -> kind;
        };
    }

    /// Losses while training, and curves of equal compute.
    List<ReportSection> training() {
        List<ReportSection> sections = new ArrayList<>();
        boolean hasCurves = findings.subjects().stream()
                .anyMatch(subject -> subject.training().curve().size() > 1);
        if (hasCurves) {
            sections.add(new Charts(
                    words.say("curves.heading"),
                    words.say(findings.floor().isPresent() ? "curves.leadFloor" : "curves.lead"),
                    List.of(
                            curves("curves.flops", "axis.trainingFlops", CurvePoint::forwardFlops),
                            curves("curves.tokens", "axis.trainingTokens", CurvePoint::tokens))));
        }
        findings.study().filter(study -> study.sizes().size() > 1).ifPresent(study -> sections.add(isoFlops(study)));
        return sections;
    }

    private LineChart curves(String title, String xLabel, ToDoubleFunction<CurvePoint> x) {
        return new LineChart(
                words.say(title),
                words.say(xLabel),
                words.say("axis.loss"),
                findings.subjects().stream()
                        .map(subject -> new Series(
                                subject.name(),
                                subject.training().curve().stream()
                                        .map(point -> new Point(x.applyAsDouble(point), point.nll()))
                                        .toList(),
                                Style.LINE))
                        .toList(),
                findings.floor().map(floor -> new Reference(words.say("table.unigram"), floor.nll())),
                Range.FROM_ZERO);
    }

    /// One chart a budget: the loss over the size, with the spread of the seeds.
    private Charts isoFlops(StudyResults study) {
        List<LineChart> charts = new ArrayList<>();
        for (double budget : study.budgets()) {
            List<Series> series = study.families().stream()
                    .map(family -> new Series(family.name(), sizes(study, family.name(), budget), Style.JOINED_POINTS))
                    .toList();
            if (series.stream().anyMatch(one -> !one.points().isEmpty())) {
                charts.add(new LineChart(
                        words.say("isoflops.title", "flops", Numbers.metric(budget) + "FLOP"),
                        words.say("axis.parameters"),
                        words.say("axis.loss"),
                        series,
                        Optional.empty(),
                        Range.LOGARITHMIC));
            }
        }
        return new Charts(words.say("isoflops.heading"), words.say("isoflops.lead"), charts);
    }

    private static List<Point> sizes(StudyResults study, String family, double budget) {
        LossErrors errors = LossErrors.of(study, budget);
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
