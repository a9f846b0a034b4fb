package dev.saiki.report.findings;

import dev.saiki.eval.Verdict;
import dev.saiki.eval.format.Column;
import dev.saiki.eval.format.Numbers;
import dev.saiki.report.ReportSection;
import dev.saiki.report.ReportSection.Table;
import dev.saiki.report.Words;
import dev.saiki.study.results.ComputeOptimalCurve;
import dev.saiki.study.results.FamilyComparison;
import dev.saiki.study.results.FittedValue;
import dev.saiki.study.results.RecurrenceFit;
import dev.saiki.study.results.StudyResults;
import java.util.ArrayList;
import java.util.List;

/// The sections that only studies have: every comparison of the grid, and what was fitted to it.
final class StudySections {

    private final StudyResults study;
    private final Words words;

    StudySections(StudyResults study, Words words) {
        this.study = study;
        this.words = words;
    }

    /// All of them; none of what the study does not have.
    List<ReportSection> all() {
        List<ReportSection> sections = new ArrayList<>();
        if (!study.comparisons().isEmpty()) {
            sections.add(comparisons());
        }
        boolean canBeFitted = study.sizes().size() > 1 || study.budgets().size() > 1;
        if (canBeFitted && (!study.recurrences().isEmpty() || !study.curves().isEmpty())) {
            sections.add(fits());
        }
        return sections;
    }

    private Table comparisons() {
        return new Table(
                words.say("study.comparisons"),
                words.say("study.comparisonsLead"),
                List.of(
                        new Column(words.say("table.model"), ""),
                        new Column(words.say("study.baseline"), ""),
                        new Column(words.say("study.size"), ""),
                        new Column(words.say("study.budget"), words.say("study.budgetUnit")),
                        new Column(words.say("study.seeds"), ""),
                        new Column(words.say("study.difference"), words.say("table.lossUnit")),
                        new Column(words.say("chart.interval"), ""),
                        new Column(words.say("study.verdict"), "")),
                study.comparisons().stream().map(this::row).toList(),
                List.of(words.say(
                        "study.comparisonsMany",
                        "number",
                        study.comparisons().size(),
                        "undecided",
                        study.comparisons().stream()
                                .filter(comparison -> comparison.verdict() == Verdict.UNDECIDED)
                                .count())));
    }

    private List<String> row(FamilyComparison comparison) {
        return List.of(
                comparison.family(),
                comparison.baseline(),
                size(comparison),
                Numbers.metric(comparison.budget()),
                String.valueOf(comparison.seeds()),
                Numbers.signed(comparison.difference(), 3),
                Double.isNaN(comparison.low())
                        ? "–"
                        : words.say(
                                "number.range",
                                "low",
                                Numbers.signed(comparison.low(), 3),
                                "high",
                                Numbers.signed(comparison.high(), 3)),
                verdict(comparison.verdict()));
    }

    private String size(FamilyComparison comparison) {
        return switch (comparison.scope()) {
            case SAME_SIZE -> comparison.size();
            case BEST_SIZE ->
                words.say("study.bestSize", "size", comparison.size(), "other", comparison.baselineSize());
        };
    }

    private String verdict(Verdict verdict) {
        return words.say(
                switch (verdict) {
                    case BETTER -> "verdict.better";
                    case WORSE -> "verdict.worse";
                    case UNDECIDED -> "verdict.undecided";
                });
    }

    private Table fits() {
        List<List<String>> rows = new ArrayList<>();
        for (RecurrenceFit recurrence : study.recurrences()) {
            rows.add(List.of(recurrence.family(), words.say("study.phi"), fitted(recurrence.phi())));
        }
        for (ComputeOptimalCurve curve : study.curves()) {
            rows.add(List.of(curve.family(), words.say("study.sizeExponent"), fitted(curve.sizeExponent())));
            rows.add(List.of(curve.family(), words.say("study.lossExponent"), fitted(curve.lossExponent())));
        }
        return new Table(
                words.say("study.fits"),
                words.say("study.fitsLead"),
                List.of(
                        new Column(words.say("table.model"), ""),
                        new Column(words.say("study.quantity"), ""),
                        new Column(words.say("study.value"), words.say("chart.interval"))),
                rows,
                study.budgets().stream().anyMatch(study::knowsSeeds)
                        ? List.of()
                        : List.of(words.say("study.fitsOneSeed")));
    }

    private String fitted(FittedValue fitted) {
        return fitted.value()
                .map(value -> words.say(
                        "number.withRange",
                        "value",
                        Numbers.fixed(value, 3),
                        "low",
                        Numbers.fixed(fitted.low().orElse(Double.NaN), 3),
                        "high",
                        Numbers.fixed(fitted.high().orElse(Double.NaN), 3)))
                .orElseGet(() -> words.say("study.notFitted", "problem", fitted.problem()));
    }
}
