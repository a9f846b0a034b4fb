package dev.saiki.report.findings;

import static dev.saiki.report.Messages.with;

import dev.saiki.eval.Interval;
import dev.saiki.eval.Verdict;
import dev.saiki.eval.audit.GainRanking;
import dev.saiki.eval.audit.StepGain;
import dev.saiki.eval.format.Column;
import dev.saiki.eval.format.Numbers;
import dev.saiki.report.Messages;
import dev.saiki.report.ReportSection;
import dev.saiki.report.ReportSection.Table;
import dev.saiki.report.TableBuilder;
import dev.saiki.study.results.ComputeOptimalCurve;
import dev.saiki.study.results.ComputeOptimum;
import dev.saiki.study.results.EvaluationChange;
import dev.saiki.study.results.FamilyComparison;
import dev.saiki.study.results.FittedValue;
import dev.saiki.study.results.Measurement;
import dev.saiki.study.results.RecurrenceFit;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyResults;
import dev.saiki.study.statistics.HolmCorrection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleFunction;
import java.util.stream.IntStream;

/// The sections that only studies have: every comparison of the grid, and the fits.
///
/// @param study the study
/// @param messages the language
record StudySections(StudyResults study, Messages messages) {

    /// All sections for which the study has data.
    List<ReportSection> all() {
        List<ReportSection> sections = new ArrayList<>();
        if (!study.comparisons().isEmpty()) {
            sections.add(comparisons());
        }
        if (study.runs().stream().anyMatch(run -> run.gains().isPresent())) {
            sections.add(gains());
        }
        if (study.canBeFitted()
                && (!study.recurrences().isEmpty() || !study.curves().isEmpty())) {
            sections.add(fits());
        }
        return sections;
    }

    /// The measurements of single runs, for the end of the report.
    List<ReportSection> runs() {
        List<ReportSection> sections = new ArrayList<>(List.of(everyRun()));
        if (!study.changes().isEmpty()) {
            sections.add(evaluations());
        }
        return sections;
    }

    private Table everyRun() {
        return new TableBuilder<RunResult>(messages)
                .column("study.run", RunResult::id)
                .column("study.rate", run -> Numbers.shortest(run.learningRate()))
                .column("table.parameters", run -> Numbers.metric(run.model().nonEmbeddingParameters()))
                .column("table.trained", run -> Numbers.metric(run.training().tokens()))
                .column("table.loss", run -> Numbers.fixed(run.heldOut().nll(), 4))
                .column("table.error", run -> Numbers.fixed(run.heldOut().standardError(), 4))
                .column("table.bits", run -> Numbers.fixed(run.heldOut().bitsPerByte(), 3))
                .column("table.depth", run -> Numbers.fixed(run.heldOut().meanDepth(), 2))
                .column("table.flops", run -> Numbers.metric(run.heldOut().flopsPerToken()))
                .column("table.cache", run -> Numbers.fixed(run.heldOut().cacheBytesPerToken(), 0))
                .column(
                        "study.speed",
                        run -> Numbers.metric(Math.rint(run.training().tokensPerSecond())))
                .build(messages.format("study.runs"), messages.format("study.runsLead"), study.runs());
    }

    /// A change of the loss, with the measurement that it belongs to.
    private record ChangeRow(EvaluationChange change, Measurement measured) {}

    private Table evaluations() {
        Map<String, RunResult> runs = new HashMap<>();
        study.runs().forEach(run -> runs.put(run.id(), run));
        List<ChangeRow> rows = study.changes().stream()
                .map(change -> new ChangeRow(
                        change,
                        Optional.ofNullable(runs.get(change.run()))
                                .flatMap(run -> run.measurement(change.evaluation()))
                                .orElseThrow()))
                .toList();
        return new TableBuilder<ChangeRow>(messages)
                .column("study.run", row -> row.change().run())
                .column("study.evaluation", row -> row.change().evaluation())
                .column("table.loss", row -> Numbers.fixed(row.measured().nll(), 4))
                .column("table.depth", row -> Numbers.fixed(row.measured().meanDepth(), 2))
                .column("study.layers", row -> Numbers.fixed(row.measured().meanLayers(), 2))
                .column("table.flops", row -> Numbers.metric(row.measured().flopsPerToken()))
                .column("table.cache", row -> Numbers.fixed(row.measured().cacheBytesPerToken(), 0))
                .column("study.difference", row -> Numbers.signed(row.change().difference(), 4))
                .column(
                        "chart.interval",
                        row -> range(row.change().low(), row.change().high(), 4))
                .column("study.verdict", row -> verdict(row.change().verdict()))
                .build(messages.format("study.evaluations"), messages.format("study.evaluationsLead"), rows);
    }

    private String range(double low, double high, int decimals) {
        return Double.isNaN(low)
                ? Messages.NONE
                : messages.range(Numbers.signed(low, decimals), Numbers.signed(high, decimals));
    }

    /// A comparison with its p-value, corrected for the number of comparisons.
    private record ComparisonRow(FamilyComparison comparison, double corrected) {}

    private Table comparisons() {
        List<FamilyComparison> comparisons = study.comparisons();
        double[] corrected = HolmCorrection.of(comparisons);
        return new TableBuilder<ComparisonRow>(messages)
                .column("table.model", row -> row.comparison().family())
                .column("study.baseline", row -> row.comparison().baseline())
                .column("study.size", row -> size(row.comparison()))
                .column(
                        "study.budget",
                        budgetUnit(),
                        row -> Numbers.metric(row.comparison().budget()))
                .column("study.seeds", row -> String.valueOf(row.comparison().seeds()))
                .column(
                        "study.difference",
                        row -> Numbers.signed(row.comparison().difference(), 3))
                .column(
                        "chart.interval",
                        row -> range(row.comparison().low(), row.comparison().high(), 3))
                .column(new Column("p", "Holm"), row -> Numbers.probability(row.corrected()))
                .column(
                        "study.verdict",
                        row -> row.comparison().seedError().isEmpty()
                                ? messages.format("verdict.oneSeed")
                                : verdict(row.comparison().verdict()))
                .build(
                        messages.format("study.comparisons"),
                        messages.format("study.comparisonsLead"),
                        IntStream.range(0, corrected.length)
                                .mapToObj(i -> new ComparisonRow(comparisons.get(i), corrected[i]))
                                .toList(),
                        messages.format(
                                "study.comparisonsMany",
                                with("number", comparisons.size()),
                                with(
                                        "undecided",
                                        comparisons.stream()
                                                .filter(comparison -> comparison.verdict() == Verdict.UNDECIDED
                                                        && comparison
                                                                .seedError()
                                                                .isPresent())
                                                .count()),
                                with("corrected", HolmCorrection.numSignificant(comparisons))));
    }

    private String budgetUnit() {
        return new BudgetText(study.unit(), messages).unitKey();
    }

    /// The gains of all recursions of a run.
    private record GainRow(RunResult run, StepGain gain) {}

    private Table gains() {
        return new TableBuilder<GainRow>(messages)
                .column("table.model", row -> row.run().family())
                .column("study.size", row -> row.run().size())
                .column(
                        "study.budget",
                        budgetUnit(),
                        row -> Numbers.metric(row.run().budget()))
                .column("study.seed", row -> String.valueOf(row.run().seed()))
                .column("audit.samples", row -> String.valueOf(row.gain().decisions()))
                .column(
                        "audit.helped",
                        row -> Numbers.percent(row.gain().helped().mean(), 0))
                .column("study.gainWorth", row -> messages.signed(row.gain().worth(), 4))
                .column("gain.capture", "ranking.router", row -> captured(row.gain(), GainRanking.ROUTER))
                .column("gain.capture", "study.foreseeable", row -> captured(row.gain(), GainRanking.FORESEEABLE))
                .column(
                        "gain.area",
                        "ranking.router",
                        row -> row.gain()
                                .of(GainRanking.ROUTER)
                                .map(router -> messages.fixed(router.area(), 3))
                                .orElse(Messages.NONE))
                .build(
                        messages.format("study.gains"),
                        messages.format("study.gainsLead"),
                        study.runs().stream()
                                .flatMap(run -> run.gains().stream()
                                        .flatMap(gains -> gains.steps().stream().limit(1))
                                        .map(all -> new GainRow(run, all)))
                                .toList());
    }

    private String captured(StepGain gain, GainRanking ranking) {
        return gain.of(ranking)
                .map(ranked -> messages.percent(ranked.capture()))
                .orElse(Messages.NONE);
    }

    private String size(FamilyComparison comparison) {
        return switch (comparison.scope()) {
            case SAME_SIZE -> comparison.size();
            case BEST_SIZE ->
                messages.format(
                        "study.bestSize", with("size", comparison.size()), with("other", comparison.baselineSize()));
        };
    }

    private String verdict(Verdict verdict) {
        return messages.format(Messages.key("verdict", verdict));
    }

    private Table fits() {
        List<List<String>> rows = new ArrayList<>();
        for (RecurrenceFit recurrence : study.recurrences()) {
            rows.add(List.of(recurrence.family(), messages.format("study.phi"), fitted(recurrence.phi())));
        }
        for (ComputeOptimalCurve curve : study.curves()) {
            String family = curve.family();
            rows.add(List.of(family, messages.format("study.sizeExponent"), fitted(curve.sizeExponent())));
            rows.add(List.of(family, messages.format("study.lossExponent"), fitted(curve.lossExponent())));
            for (ComputeOptimum optimum : curve.optima()) {
                String budget = new BudgetText(study.unit(), messages).amount(optimum.budget());
                rows.add(List.of(
                        family,
                        messages.format("study.bestParameters", with("budget", budget)),
                        fitted(optimum.nonEmbeddingParameters(), Numbers::metric)));
            }
        }
        boolean knowsSeeds = study.budgets().stream().anyMatch(study::knowsSeeds);
        return new Table(
                messages.format("study.fits"),
                messages.format("study.fitsLead"),
                List.of(
                        new Column(messages.format("table.model"), ""),
                        new Column(messages.format("study.quantity"), ""),
                        new Column(messages.format("study.value"), messages.format("chart.interval"))),
                rows,
                knowsSeeds ? List.of() : List.of(messages.format("study.fitsOneSeed")));
    }

    private String fitted(FittedValue fitted) {
        return fitted(fitted, value -> Numbers.fixed(value, 3));
    }

    private String fitted(FittedValue fitted, DoubleFunction<String> words) {
        return fitted.value()
                .map(value -> messages.interval(
                        new Interval(
                                value,
                                fitted.low().orElse(Double.NaN),
                                fitted.high().orElse(Double.NaN)),
                        words))
                .orElseGet(() -> messages.format("study.notFitted", with("problem", fitted.problem())));
    }
}
