package dev.saiki.report.findings;

import dev.saiki.eval.Interval;
import dev.saiki.eval.Verdict;
import dev.saiki.eval.audit.GainRanking;
import dev.saiki.eval.audit.StepGain;
import dev.saiki.eval.format.Column;
import dev.saiki.eval.format.Numbers;
import dev.saiki.report.Messages;
import dev.saiki.report.ReportSection;
import dev.saiki.report.ReportSection.Table;
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
final class StudySections {

    private final StudyResults study;
    private final Messages messages;

    StudySections(StudyResults study, Messages messages) {
        this.study = study;
        this.messages = messages;
    }

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
        List<List<String>> rows = new ArrayList<>();
        for (RunResult run : study.runs()) {
            Measurement measured = run.heldOut();
            rows.add(List.of(
                    run.id(),
                    Numbers.shortest(run.learningRate()),
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
        return new Table(
                messages.format("study.runs"),
                messages.format("study.runsLead"),
                List.of(
                        new Column(messages.format("study.run"), ""),
                        new Column(messages.format("study.rate"), messages.format("study.ratePeak")),
                        new Column(messages.format("table.parameters"), messages.format("table.parametersUnit")),
                        new Column(messages.format("table.trained"), messages.format("table.trainedUnit")),
                        new Column(messages.format("table.loss"), messages.format("table.lossUnit")),
                        new Column(messages.format("table.error"), ""),
                        new Column(messages.format("table.bits"), messages.format("table.bitsUnit")),
                        new Column(messages.format("table.depth"), messages.format("table.depthUnit")),
                        new Column(messages.format("table.flops"), messages.format("table.flopsUnit")),
                        new Column(messages.format("table.cache"), messages.format("table.cacheUnit")),
                        new Column(messages.format("study.speed"), messages.format("study.speedUnit"))),
                rows,
                List.of());
    }

    private Table evaluations() {
        Map<String, RunResult> runs = new HashMap<>();
        study.runs().forEach(run -> runs.put(run.id(), run));
        List<List<String>> rows = new ArrayList<>();
        for (EvaluationChange change : study.changes()) {
            Measurement measured = Optional.ofNullable(runs.get(change.run()))
                    .flatMap(run -> run.measurement(change.evaluation()))
                    .orElseThrow();
            rows.add(List.of(
                    change.run(),
                    change.evaluation(),
                    Numbers.fixed(measured.nll(), 4),
                    Numbers.fixed(measured.meanDepth(), 2),
                    Numbers.fixed(measured.meanLayers(), 2),
                    Numbers.metric(measured.flopsPerToken()),
                    Numbers.fixed(measured.cacheBytesPerToken(), 0),
                    Numbers.signed(change.difference(), 4),
                    range(change.low(), change.high(), 4),
                    verdict(change.verdict())));
        }
        return new Table(
                messages.format("study.evaluations"),
                messages.format("study.evaluationsLead"),
                List.of(
                        new Column(messages.format("study.run"), ""),
                        new Column(messages.format("study.evaluation"), ""),
                        new Column(messages.format("table.loss"), messages.format("table.lossUnit")),
                        new Column(messages.format("table.depth"), messages.format("table.depthUnit")),
                        new Column(messages.format("study.layers"), messages.format("table.flopsUnit")),
                        new Column(messages.format("table.flops"), messages.format("table.flopsUnit")),
                        new Column(messages.format("table.cache"), messages.format("table.cacheUnit")),
                        new Column(messages.format("study.difference"), messages.format("table.lossUnit")),
                        new Column(messages.format("chart.interval"), ""),
                        new Column(messages.format("study.verdict"), "")),
                rows,
                List.of());
    }

    private String range(double low, double high, int decimals) {
        return Double.isNaN(low)
                ? "–"
                : messages.format(
                        "number.range", "low", Numbers.signed(low, decimals), "high", Numbers.signed(high, decimals));
    }

    private Table comparisons() {
        return new Table(
                messages.format("study.comparisons"),
                messages.format("study.comparisonsLead"),
                List.of(
                        new Column(messages.format("table.model"), ""),
                        new Column(messages.format("study.baseline"), ""),
                        new Column(messages.format("study.size"), ""),
                        new Column(messages.format("study.budget"), new BudgetText(study.unit(), messages).unitName()),
                        new Column(messages.format("study.seeds"), ""),
                        new Column(messages.format("study.difference"), messages.format("table.lossUnit")),
                        new Column(messages.format("chart.interval"), ""),
                        new Column("p", "Holm"),
                        new Column(messages.format("study.verdict"), "")),
                rows(study.comparisons()),
                List.of(messages.format(
                        "study.comparisonsMany",
                        "number",
                        study.comparisons().size(),
                        "undecided",
                        study.comparisons().stream()
                                .filter(comparison -> comparison.verdict() == Verdict.UNDECIDED)
                                .count(),
                        "corrected",
                        HolmCorrection.numApart(study.comparisons()))));
    }

    private List<List<String>> rows(List<FamilyComparison> comparisons) {
        double[] corrected = HolmCorrection.of(comparisons);
        return IntStream.range(0, corrected.length)
                .mapToObj(i -> row(comparisons.get(i), corrected[i]))
                .toList();
    }

    private Table gains() {
        List<List<String>> rows = new ArrayList<>();
        for (RunResult run : study.runs()) {
            run.gains().stream()
                    .flatMap(gains -> gains.steps().stream().limit(1))
                    .forEach(all -> rows.add(List.of(
                            run.family(),
                            run.size(),
                            Numbers.metric(run.budget()),
                            String.valueOf(run.seed()),
                            Numbers.percent(all.helped().mean(), 0),
                            ranged(all.worth(), value -> Numbers.signed(value, 4)),
                            captured(all, GainRanking.ROUTER),
                            captured(all, GainRanking.FORESEEABLE),
                            all.of(GainRanking.ROUTER)
                                    .map(router -> ranged(router.area(), value -> Numbers.fixed(value, 3)))
                                    .orElse("–"))));
        }
        return new Table(
                messages.format("study.gains"),
                messages.format("study.gainsLead"),
                List.of(
                        new Column(messages.format("table.model"), ""),
                        new Column(messages.format("study.size"), ""),
                        new Column(messages.format("study.budget"), new BudgetText(study.unit(), messages).unitName()),
                        new Column(messages.format("study.seed"), ""),
                        new Column(messages.format("audit.helped"), messages.format("audit.samplesShare")),
                        new Column(messages.format("study.gainWorth"), messages.format("table.lossUnit")),
                        new Column(messages.format("gain.capture"), messages.format("policy.router")),
                        new Column(messages.format("gain.capture"), messages.format("study.foreseeable")),
                        new Column(messages.format("gain.area"), messages.format("policy.router"))),
                rows,
                List.of());
    }

    private String captured(StepGain gain, GainRanking ranking) {
        return gain.of(ranking)
                .map(ranked -> ranged(ranked.capture(), value -> Numbers.percent(value, 1)))
                .orElse("–");
    }

    private String ranged(Interval interval, DoubleFunction<String> words) {
        if (!Double.isFinite(interval.mean())) {
            return "–";
        }
        return Double.isFinite(interval.low())
                ? messages.format(
                        "number.withRange",
                        "value",
                        words.apply(interval.mean()),
                        "low",
                        words.apply(interval.low()),
                        "high",
                        words.apply(interval.high()))
                : words.apply(interval.mean());
    }

    private List<String> row(FamilyComparison comparison, double corrected) {
        return List.of(
                comparison.family(),
                comparison.baseline(),
                size(comparison),
                Numbers.metric(comparison.budget()),
                String.valueOf(comparison.seeds()),
                Numbers.signed(comparison.difference(), 3),
                range(comparison.low(), comparison.high(), 3),
                Numbers.probability(corrected),
                verdict(comparison.verdict()));
    }

    private String size(FamilyComparison comparison) {
        return switch (comparison.scope()) {
            case SAME_SIZE -> comparison.size();
            case BEST_SIZE ->
                messages.format("study.bestSize", "size", comparison.size(), "other", comparison.baselineSize());
        };
    }

    private String verdict(Verdict verdict) {
        return messages.format(
                switch (verdict) {
                    case BETTER -> "verdict.better";
                    case WORSE -> "verdict.worse";
                    case UNDECIDED -> "verdict.undecided";
                });
    }

    private Table fits() {
        List<List<String>> rows = new ArrayList<>();
        for (RecurrenceFit recurrence : study.recurrences()) {
            rows.add(List.of(recurrence.family(), messages.format("study.phi"), fitted(recurrence.phi())));
        }
        for (ComputeOptimalCurve curve : study.curves()) {
            rows.add(List.of(curve.family(), messages.format("study.sizeExponent"), fitted(curve.sizeExponent())));
            rows.add(List.of(curve.family(), messages.format("study.lossExponent"), fitted(curve.lossExponent())));
            for (ComputeOptimum optimum : curve.optima()) {
                String budget = new BudgetText(study.unit(), messages).amount(optimum.budget());
                rows.add(List.of(
                        curve.family(),
                        messages.format("study.bestParameters", "budget", budget),
                        fitted(optimum.nonEmbeddingParameters(), Numbers::metric)));
            }
        }
        return new Table(
                messages.format("study.fits"),
                messages.format("study.fitsLead"),
                List.of(
                        new Column(messages.format("table.model"), ""),
                        new Column(messages.format("study.quantity"), ""),
                        new Column(messages.format("study.value"), messages.format("chart.interval"))),
                rows,
                study.budgets().stream().anyMatch(study::knowsSeeds)
                        ? List.of()
                        : List.of(messages.format("study.fitsOneSeed")));
    }

    private String fitted(FittedValue fitted) {
        return fitted(fitted, value -> Numbers.fixed(value, 3));
    }

    private String fitted(FittedValue fitted, DoubleFunction<String> words) {
        return fitted.value()
                .map(value -> messages.format(
                        "number.withRange",
                        "value",
                        words.apply(value),
                        "low",
                        words.apply(fitted.low().orElse(Double.NaN)),
                        "high",
                        words.apply(fitted.high().orElse(Double.NaN))))
                .orElseGet(() -> messages.format("study.notFitted", "problem", fitted.problem()));
    }
}
