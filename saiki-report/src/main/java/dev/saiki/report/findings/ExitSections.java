package dev.saiki.report.findings;

import dev.saiki.eval.format.Column;
import dev.saiki.eval.format.Numbers;
import dev.saiki.report.LineChart;
import dev.saiki.report.LineChart.Point;
import dev.saiki.report.LineChart.Range;
import dev.saiki.report.LineChart.Series;
import dev.saiki.report.LineChart.Style;
import dev.saiki.report.ReportSection;
import dev.saiki.report.ReportSection.Charts;
import dev.saiki.report.ReportSection.Prose;
import dev.saiki.report.ReportSection.Table;
import dev.saiki.report.Words;
import dev.saiki.study.results.ComparisonScope;
import dev.saiki.study.results.EqualCostComparison;
import dev.saiki.study.results.FamilyComparison;
import dev.saiki.study.results.StudyResults;
import dev.saiki.study.statistics.QualityCurve;
import dev.saiki.study.statistics.QualityCurve.Way;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The sections about depth that was learned, beside early exits that were added to finished models.
///
/// What is said of a family follows from {@link EqualCostComparison}: better or worse at equal FLOPs for a token only
/// if the
/// interval leaves out zero and counts seeds, otherwise not told apart; and nothing where the two curves do not
/// overlap, since no curve is continued beyond what was measured.
final class ExitSections {

    private static final int DECIMALS = 3;
    private static final String NONE = "–";

    private final StudyResults study;
    private final Words words;
    private final List<QualityCurve> curves;
    private final double budget;

    ExitSections(StudyResults study, Words words) {
        this.study = study;
        this.words = words;
        this.curves = QualityCurve.all(study);
        this.budget = study.equalCosts().stream()
                .mapToDouble(EqualCostComparison::budget)
                .max()
                .orElse(Double.NaN);
    }

    /// What a comparison at equal FLOPs allows to be said.
    private enum Outcome {
        BETTER,
        WORSE,
        SAME,
        SEEDS_UNKNOWN,
        /// The family is cheaper than every early exit.
        CHEAPER,
        /// The family is dearer than the other at full depth.
        DEARER;

        boolean isOverlap() {
            return this != CHEAPER && this != DEARER;
        }
    }

    /// All of them; none if the study compares no early exits.
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
                words.say("exits.heading"), words.say("exits.lead", "budget", Numbers.metric(budget) + "FLOP"), points);
    }

    /// The size that is best for a family, if that is known; otherwise the last of the plan that was compared.
    private String size(String family) {
        return study.comparisons().stream()
                .filter(comparison -> comparison.scope() == ComparisonScope.BEST_SIZE
                        && comparison.budget() == budget
                        && comparison.family().equals(family))
                .map(FamilyComparison::size)
                .findFirst()
                .orElseGet(() -> study.equalCosts().stream()
                        .filter(line -> line.budget() == budget && line.family().equals(family))
                        .map(EqualCostComparison::size)
                        .reduce("", (_, last) -> last));
    }

    /// The same as if it cost nothing to ask tokens, where that allows something else to be said.
    private Optional<String> unchecked(EqualCostComparison checked) {
        return study.equalCosts().stream()
                .filter(line -> !line.checksCount()
                        && line.family().equals(checked.family())
                        && line.other().equals(checked.other())
                        && line.confidence().equals(checked.confidence())
                        && line.size().equals(checked.size())
                        && line.budget() == checked.budget())
                .filter(line -> outcome(line) != outcome(checked))
                .map(line -> words.say("exits.unchecked", "sentence", sentence(line)))
                .findFirst();
    }

    private Outcome outcome(EqualCostComparison line) {
        if (!line.difference().isPresent()) {
            return line.flopsPerToken() > fullDepth(line) ? Outcome.DEARER : Outcome.CHEAPER;
        }
        if (!line.reason().isEmpty()) {
            return Outcome.SEEDS_UNKNOWN;
        }
        return switch (line.verdict()) {
            case BETTER -> Outcome.BETTER;
            case WORSE -> Outcome.WORSE;
            case UNDECIDED -> Outcome.SAME;
        };
    }

    /// FLOPs of a token of the model with exits if none leaves.
    private double fullDepth(EqualCostComparison line) {
        return curves.stream()
                .filter(curve -> curve.family().equals(line.other())
                        && curve.size().equals(line.size())
                        && curve.budget() == line.budget())
                .flatMap(curve -> curve.points().stream())
                .filter(point -> point.way() == Way.OWN)
                .mapToDouble(QualityCurve.Point::flops)
                .max()
                .orElse(Double.NaN);
    }

    private String sentence(EqualCostComparison line) {
        Outcome outcome = outcome(line);
        String confidence = confidence(line.confidence());
        String flops = Numbers.metric(line.flopsPerToken()) + "FLOP";
        if (!outcome.isOverlap()) {
            return words.say(
                    outcome == Outcome.CHEAPER ? "exits.cheaper" : "exits.dearer",
                    "family",
                    line.family(),
                    "other",
                    line.other(),
                    "confidence",
                    confidence,
                    "flops",
                    flops,
                    "size",
                    line.size());
        }
        String key = switch (outcome) {
            case BETTER -> "exits.better";
            case WORSE -> "exits.worse";
            case SEEDS_UNKNOWN -> "exits.unsaid";
            case SAME, CHEAPER, DEARER -> "exits.same";
        };
        return words.say(
                key,
                "family",
                line.family(),
                "other",
                line.other(),
                "confidence",
                confidence,
                "flops",
                flops,
                "size",
                line.size(),
                "seeds",
                line.seeds(),
                "difference",
                signed(line.difference().value()),
                "low",
                signed(line.difference().low()),
                "high",
                signed(line.difference().high()));
    }

    private static String signed(Optional<Double> number) {
        return Numbers.signed(number.orElse(Double.NaN), DECIMALS);
    }

    private String confidence(String name) {
        return words.say("exits.by." + name);
    }

    /// How all comparisons came out, since some of many must seem clear by chance.
    private String count() {
        List<Outcome> outcomes = study.equalCosts().stream()
                .filter(EqualCostComparison::checksCount)
                .map(this::outcome)
                .toList();
        long better = outcomes.stream().filter(Outcome.BETTER::equals).count();
        long worse = outcomes.stream().filter(Outcome.WORSE::equals).count();
        long overlap = outcomes.stream().filter(Outcome::isOverlap).count();
        return words.say(
                "exits.count",
                "number",
                outcomes.size(),
                "better",
                better,
                "worse",
                worse,
                "same",
                overlap - better - worse,
                "apart",
                outcomes.size() - overlap);
    }

    /// One chart a size, at the budget that the sentences are about.
    private Charts charts() {
        List<LineChart> charts = new ArrayList<>();
        for (String size : study.sizes()) {
            List<Series> series = curves.stream()
                    .filter(curve -> curve.budget() == budget && curve.size().equals(size))
                    .flatMap(this::series)
                    .toList();
            if (!series.isEmpty()) {
                charts.add(new LineChart(
                        words.say("exits.chart", "size", size),
                        words.say("axis.flopsOperations"),
                        words.say("axis.loss"),
                        series,
                        Optional.empty(),
                        Range.FITTED));
            }
        }
        return new Charts(words.say("exits.charts"), words.say("exits.chartsLead"), charts);
    }

    /// A line for each way in which tokens of a family take fewer layers, which ends where none does; a family without
    /// any is a point. What costs more than that end is of no use, and left out.
    private Stream<Series> series(QualityCurve curve) {
        List<QualityCurve.Point> own =
                curve.points().stream().filter(point -> point.way() == Way.OWN).toList();
        double most = own.stream().mapToDouble(QualityCurve.Point::flops).max().orElse(Double.POSITIVE_INFINITY);
        List<Series> series = new ArrayList<>();
        for (Way way : Way.values()) {
            List<QualityCurve.Point> points = curve.points().stream()
                    .filter(point -> point.way() == way && (way == Way.OWN || point.flops() < most))
                    .toList();
            if (points.isEmpty() || way == Way.LOOKS_AHEAD || way == Way.OWN) {
                continue;
            }
            series.add(new Series(
                    words.say("dial.series", "model", curve.family(), "kind", way(way)),
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

    private static Point point(QualityCurve.Point point) {
        return new Point(point.flops(), point.nll());
    }

    private String way(Way way) {
        return switch (way) {
            case DEPTH_BOUND -> words.say("dial.bound");
            case EFFORT -> words.say("dial.effort");
            case SOFTMAX_EXIT -> words.say("exits.by.softmax");
            case SATURATION_EXIT -> words.say("exits.by.saturation");
            case OWN, LOOKS_AHEAD -> words.say("dial.full");
        };
    }

    private Table table() {
        return new Table(
                words.say("exits.table"),
                words.say("exits.tableLead"),
                List.of(
                        new Column(words.say("table.model"), ""),
                        new Column(words.say("exits.against"), ""),
                        new Column(words.say("exits.checks"), ""),
                        new Column(words.say("study.size"), ""),
                        new Column(words.say("study.budget"), words.say("study.budgetUnit")),
                        new Column(words.say("table.flops"), words.say("table.flopsUnit")),
                        new Column(words.say("study.difference"), words.say("table.lossUnit")),
                        new Column(words.say("chart.interval"), ""),
                        new Column(words.say("study.seeds"), ""),
                        new Column(words.say("study.verdict"), "")),
                study.equalCosts().stream().map(this::row).toList(),
                List.of());
    }

    private List<String> row(EqualCostComparison line) {
        boolean isPresent = line.difference().isPresent();
        return List.of(
                line.family(),
                words.say("dial.series", "model", line.other(), "kind", confidence(line.confidence())),
                words.say(line.checksCount() ? "exits.counted" : "exits.notCounted"),
                line.size(),
                Numbers.metric(line.budget()),
                Numbers.metric(line.flopsPerToken()),
                isPresent ? signed(line.difference().value()) : NONE,
                isPresent
                        ? words.say(
                                "number.range",
                                "low",
                                signed(line.difference().low()),
                                "high",
                                signed(line.difference().high()))
                        : NONE,
                String.valueOf(line.seeds()),
                words.say(
                        switch (outcome(line)) {
                            case BETTER -> "verdict.better";
                            case WORSE -> "verdict.worse";
                            case SAME, SEEDS_UNKNOWN -> "verdict.undecided";
                            case CHEAPER -> "exits.noneCheaper";
                            case DEARER -> "exits.noneDearer";
                        }));
    }
}
