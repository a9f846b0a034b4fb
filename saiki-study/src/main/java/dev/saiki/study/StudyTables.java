package dev.saiki.study;

import dev.saiki.eval.TextScore;
import dev.saiki.eval.Verdict;
import dev.saiki.eval.format.Column;
import dev.saiki.eval.format.Numbers;
import dev.saiki.eval.format.TextTable;
import dev.saiki.study.results.ComputeOptimalCurve;
import dev.saiki.study.results.ComputeOptimum;
import dev.saiki.study.results.EqualCostComparison;
import dev.saiki.study.results.EvaluationChange;
import dev.saiki.study.results.FamilyComparison;
import dev.saiki.study.results.FittedValue;
import dev.saiki.study.results.Measurement;
import dev.saiki.study.results.RecurrenceFit;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyResults;
import dev.saiki.study.statistics.HolmCorrection;
import dev.saiki.study.statistics.QualityCurve;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleFunction;

/// A study's numbers as tables.
public final class StudyTables {

    private static final double SECONDS_A_MINUTE = 60;
    private static final double SECONDS_AN_HOUR = 3600;
    private static final double HOURS_A_DAY = 24;
    private static final double DAYS_A_YEAR = 365;

    private static final String NONE = "–";

    /// Runs that a warning names at most.
    private static final int MOST_MISFITS = 12;

    private StudyTables() {}

    /// Writes an estimate for a terminal.
    ///
    /// @param estimate the estimate
    /// @return lines, the last one ended too
    public static String plain(StudyEstimate estimate) {
        List<List<String>> rows = new ArrayList<>();
        for (StudyEstimate.RunEstimate run : estimate.runs()) {
            rows.add(List.of(
                    run.id(),
                    Numbers.metric(run.model().parameters()),
                    Numbers.metric(run.model().nonEmbeddingParameters()),
                    RunPlanner.number(run.learningRate()),
                    Numbers.metric(run.model().forwardFlopsPerToken()),
                    String.format(Locale.ROOT, "%.2e", run.forwardFlops()),
                    Numbers.metric(run.tokens()),
                    String.valueOf(run.steps()),
                    String.valueOf(run.ownSteps()),
                    duration(run.seconds())));
        }
        List<Column> columns = List.of(
                new Column("Run", ""),
                new Column("Parameters", "all"),
                new Column("", "non-embedding"),
                new Column("Rate", "peak"),
                new Column("FLOPs", "per token"),
                new Column("FLOPs", "training"),
                new Column("Tokens", ""),
                new Column("Steps", "all"),
                new Column("", "own"),
                new Column("Time", "about"));
        String timed = estimate.timedModels() == estimate.models()
                ? "every model was timed"
                : estimate.timedModels() + " of " + estimate.models()
                        + " models were timed; the others are too large for that here and are taken to reach the same"
                        + " FLOPs a second, which says little beyond the order of magnitude";
        return new TextTable(columns, rows).plain()
                + "\n"
                + estimate.runs().size() + " runs, about " + duration(estimate.seconds())
                + " of training on this machine as busy as it is now (" + timed + ")\n"
                + misfits(estimate);
    }

    /// Warns of sizes and budgets that do not go together; empty if all do.
    private static String misfits(StudyEstimate estimate) {
        List<String> misfits = estimate.runs().stream()
                .flatMap(run -> run.misfit().stream().map(what -> "- " + run.id() + " " + what))
                .toList();
        if (misfits.isEmpty()) {
            return "";
        }
        String more = misfits.size() > MOST_MISFITS ? "- and " + (misfits.size() - MOST_MISFITS) + " more\n" : "";
        return "\nAbout 20 tokens for each parameter beside the embedding are best. Far from that:\n"
                + String.join("\n", misfits.subList(0, Math.min(MOST_MISFITS, misfits.size()))) + "\n" + more;
    }

    /// A time in the unit that suits it, such as `4.5 min` or `2.1 years`.
    private static String duration(double seconds) {
        if (seconds < SECONDS_A_MINUTE) {
            return Numbers.fixed(seconds, 0) + " s";
        }
        if (seconds < 2 * SECONDS_AN_HOUR) {
            return Numbers.fixed(seconds / SECONDS_A_MINUTE, 1) + " min";
        }
        double days = seconds / SECONDS_AN_HOUR / HOURS_A_DAY;
        if (days < 2) {
            return Numbers.fixed(seconds / SECONDS_AN_HOUR, 1) + " h";
        }
        return days < DAYS_A_YEAR ? Numbers.fixed(days, 1) + " days" : Numbers.fixed(days / DAYS_A_YEAR, 1) + " years";
    }

    /// Writes results for a terminal.
    ///
    /// @param results the results
    /// @return lines, the last one ended too
    public static String plain(StudyResults results) {
        StringBuilder text = new StringBuilder(runs(results).plain());
        if (!results.comparisons().isEmpty()) {
            text.append('\n').append(comparisons(results).plain());
        }
        if (results.runs().stream().anyMatch(run -> run.gains().isPresent())) {
            text.append('\n').append(GainTable.of(results).plain());
        }
        if (!results.changes().isEmpty()) {
            text.append('\n').append(further(results).plain());
        }
        if (!results.equalCosts().isEmpty()) {
            text.append('\n').append(qualities(results).plain());
            text.append('\n').append(equalCosts(results).plain());
        }
        if (results.canBeFitted()) {
            text.append('\n').append(curves(results).plain());
        }
        if (results.canBeFitted() && !results.recurrences().isEmpty()) {
            text.append('\n').append(recurrences(results).plain());
        }
        text.append('\n');
        StudySummary.problems(results)
                .forEach(problem -> text.append("- ").append(problem).append('\n'));
        return text.toString();
    }

    /// The table of all runs.
    static TextTable runs(StudyResults results) {
        List<List<String>> rows = new ArrayList<>();
        for (RunResult run : results.runs()) {
            Measurement measured = run.heldOut();
            rows.add(List.of(
                    run.id(),
                    RunPlanner.number(run.learningRate()),
                    Numbers.metric(run.model().nonEmbeddingParameters()),
                    Numbers.metric(run.training().tokens()),
                    Numbers.fixed(measured.nll(), 4),
                    Numbers.fixed(measured.standardError(), 4),
                    Numbers.fixed(measured.bitsPerByte(), 3),
                    Numbers.fixed(measured.meanDepth(), 2),
                    Numbers.metric(measured.flopsPerToken()),
                    Numbers.fixed(measured.cacheBytesPerToken(), 0),
                    Numbers.metric(Math.rint(run.training().tokensPerSecond()))));
        }
        return new TextTable(
                List.of(
                        new Column("Run", ""),
                        new Column("Rate", "peak"),
                        new Column("Parameters", "non-embedding"),
                        new Column("Trained on", "tokens"),
                        new Column("NLL", "nats/token"),
                        new Column("± SE", errorUnit(results).plural()),
                        new Column("Bits", "per byte"),
                        new Column("Mean depth", "recursions"),
                        new Column("FLOPs", "per token"),
                        new Column("Cache", "bytes/token"),
                        new Column("Training", "tokens/s")),
                rows);
    }

    /// What the standard error of a loss is taken over: with very few rows, they lie in too few documents.
    private static TextScore.Unit errorUnit(StudyResults results) {
        long documents = results.data().rowDocuments().stream().distinct().count();
        return documents < TextScore.FEWEST_DOCUMENTS ? TextScore.Unit.WINDOW : TextScore.Unit.DOCUMENT;
    }

    /// The table of comparisons.
    static TextTable comparisons(StudyResults results) {
        List<List<String>> rows = new ArrayList<>();
        double[] corrected = HolmCorrection.of(results.comparisons());
        for (int i = 0; i < corrected.length; i++) {
            FamilyComparison comparison = results.comparisons().get(i);
            rows.add(List.of(
                    comparison.family() + " against " + comparison.baseline(),
                    RunPlanner.number(comparison.budget()),
                    sizes(comparison),
                    Numbers.signed(comparison.difference(), 4),
                    Numbers.signed(comparison.low(), 4) + " to " + Numbers.signed(comparison.high(), 4),
                    Numbers.fixed(comparison.documentError(), 4),
                    comparison.seedError().map(error -> Numbers.fixed(error, 4)).orElse(NONE),
                    String.valueOf(comparison.seeds()),
                    Double.isNaN(corrected[i]) ? NONE : Numbers.probability(corrected[i]),
                    verdict(comparison.verdict())));
        }
        return new TextTable(
                List.of(
                        new Column("Comparison", ""),
                        new Column("Budget", results.unit().word()),
                        new Column("Size", ""),
                        new Column("Difference", "nats/token"),
                        new Column("Interval", "95 %"),
                        new Column("± documents", ""),
                        new Column("± seeds", ""),
                        new Column("Seeds", ""),
                        new Column("p", "Holm"),
                        new Column("Loss is", "")),
                rows);
    }

    private static String sizes(FamilyComparison comparison) {
        return switch (comparison.scope()) {
            case SAME_SIZE -> comparison.size();
            case BEST_SIZE -> "best (" + comparison.size() + ", " + comparison.baselineSize() + ")";
        };
    }

    private static String verdict(Verdict verdict) {
        return switch (verdict) {
            case BETTER -> "lower";
            case WORSE -> "higher";
            case UNDECIDED -> "not told apart";
        };
    }

    /// The table of what further evaluations do to the loss of a checkpoint.
    static TextTable further(StudyResults results) {
        Map<String, RunResult> runs = new HashMap<>();
        results.runs().forEach(run -> runs.put(run.id(), run));
        List<List<String>> rows = new ArrayList<>();
        for (EvaluationChange change : results.changes()) {
            Measurement measured = Optional.ofNullable(runs.get(change.run()))
                    .flatMap(run -> run.measurement(change.evaluation()))
                    .orElseThrow();
            rows.add(List.of(
                    change.run(),
                    change.evaluation(),
                    measured.kind(),
                    Numbers.fixed(measured.nll(), 4),
                    Numbers.fixed(measured.meanDepth(), 2),
                    Numbers.fixed(measured.meanLayers(), 2),
                    flops(measured.flopsPerToken(), measured.flopsPerTokenWithoutChecks()),
                    Numbers.fixed(measured.cacheBytesPerToken(), 0),
                    Numbers.signed(change.difference(), 4),
                    Numbers.signed(change.low(), 4) + " to " + Numbers.signed(change.high(), 4),
                    verdict(change.verdict())));
        }
        return new TextTable(
                List.of(
                        new Column("Run", ""),
                        new Column("Evaluation", ""),
                        new Column("Kind", ""),
                        new Column("NLL", "nats/token"),
                        new Column("Mean depth", "recursions"),
                        new Column("Layers", "per token"),
                        new Column("FLOPs", "per token"),
                        new Column("Cache", "bytes/token"),
                        new Column("Difference", "nats/token"),
                        new Column("Interval", "95 %"),
                        new Column("Loss is", "")),
                rows);
    }

    /// FLOPs of a token; in brackets those without checks, if there are checks.
    private static String flops(double flops, double withoutChecks) {
        return Numbers.metric(flops) + (flops == withoutChecks ? "" : " (" + Numbers.metric(withoutChecks) + ")");
    }

    /// The table of quality against FLOPs, of families and of those that exits were added to.
    static TextTable qualities(StudyResults results) {
        List<List<String>> rows = new ArrayList<>();
        for (QualityCurve curve : QualityCurve.all(results)) {
            for (QualityCurve.DepthSetting point : curve.points()) {
                rows.add(List.of(
                        RunPlanner.number(curve.budget()),
                        curve.size(),
                        curve.family(),
                        point.evaluation(),
                        flops(point.flops(), point.flopsWithoutChecks()),
                        Numbers.fixed(point.layers(), 2),
                        Numbers.fixed(point.nll(), 4)));
            }
        }
        return new TextTable(
                List.of(
                        new Column("Budget", results.unit().word()),
                        new Column("Size", ""),
                        new Column("Family", ""),
                        new Column("Evaluation", ""),
                        new Column("FLOPs", "per token"),
                        new Column("Layers", "per token"),
                        new Column("NLL", "nats/token")),
                rows);
    }

    /// The table of families against early exits at the same cost.
    static TextTable equalCosts(StudyResults results) {
        List<List<String>> rows = new ArrayList<>();
        for (EqualCostComparison line : results.equalCosts()) {
            rows.add(List.of(
                    line.family() + " against exits on " + line.other(),
                    line.confidence() + (line.checksCount() ? "" : ", without checks"),
                    RunPlanner.number(line.budget()),
                    line.size(),
                    Numbers.metric(line.flopsPerToken()),
                    line.difference()
                            .value()
                            .map(value -> Numbers.signed(value, 4))
                            .orElse(NONE),
                    line.difference().isPresent()
                            ? Numbers.signed(line.difference().low().orElseThrow(), 4) + " to "
                                    + Numbers.signed(line.difference().high().orElseThrow(), 4)
                            : line.difference().problem(),
                    String.valueOf(line.seeds()),
                    line.difference().isPresent() ? verdict(line.verdict()) : NONE));
        }
        return new TextTable(
                List.of(
                        new Column("Comparison", "at equal FLOPs"),
                        new Column("Exits", "confidence"),
                        new Column("Budget", results.unit().word()),
                        new Column("Size", ""),
                        new Column("FLOPs", "per token"),
                        new Column("Difference", "nats/token"),
                        new Column("Interval", "95 %"),
                        new Column("Seeds", ""),
                        new Column("Loss is", "")),
                rows);
    }

    /// The table of compute-optimal sizes.
    static TextTable curves(StudyResults results) {
        List<List<String>> rows = new ArrayList<>();
        for (ComputeOptimalCurve curve : results.curves()) {
            for (ComputeOptimum optimum : curve.optima()) {
                rows.add(List.of(
                        curve.family(),
                        RunPlanner.number(optimum.budget()),
                        fitted(optimum.nonEmbeddingParameters(), Numbers::metric),
                        fitted(optimum.nll(), value -> Numbers.fixed(value, 3))));
            }
        }
        return new TextTable(
                List.of(
                        new Column("Compute-optimal", ""),
                        new Column("Budget", results.unit().word()),
                        new Column("Parameters", "non-embedding"),
                        new Column("NLL", "nats/token")),
                rows);
    }

    /// The table of a recursion's worth.
    static TextTable recurrences(StudyResults results) {
        List<List<String>> rows = new ArrayList<>();
        for (RecurrenceFit recurrence : results.recurrences()) {
            rows.add(List.of(
                    recurrence.family(),
                    fitted(recurrence.phi(), value -> Numbers.fixed(value, 2)),
                    recurrence.residual().map(value -> Numbers.fixed(value, 4)).orElse(NONE),
                    String.valueOf(recurrence.cells())));
        }
        return new TextTable(
                List.of(
                        new Column("A recursion's worth", ""),
                        new Column("phi", "interval"),
                        new Column("Residual", "nats"),
                        new Column("Models", "")),
                rows);
    }

    /// A fitted number with its interval.
    static String fitted(FittedValue fitted, DoubleFunction<String> words) {
        if (!fitted.isPresent()) {
            return NONE;
        }
        return words.apply(fitted.value().orElseThrow())
                + " (" + words.apply(fitted.low().orElseThrow()) + " to "
                + words.apply(fitted.high().orElseThrow()) + ")";
    }
}
