package dev.saiki.study;

import dev.saiki.eval.Verdict;
import dev.saiki.eval.format.Column;
import dev.saiki.eval.format.Numbers;
import dev.saiki.eval.format.TextTable;
import dev.saiki.study.results.ComputeOptimalCurve;
import dev.saiki.study.results.ComputeOptimum;
import dev.saiki.study.results.DatasetSummary;
import dev.saiki.study.results.DivergedRun;
import dev.saiki.study.results.FamilyComparison;
import dev.saiki.study.results.FamilySummary;
import dev.saiki.study.results.FittedValue;
import dev.saiki.study.results.RecurrenceFit;
import dev.saiki.study.results.RunPurpose;
import dev.saiki.study.results.StudyProgress;
import dev.saiki.study.results.StudyResults;
import dev.saiki.study.statistics.HolmCorrection;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// A study's results in Markdown: tables, and beside each how to read it.
final class StudySummary {

    /// The name of the file in the study's folder.
    static final String FILE_NAME = "study.md";

    private static final double SECONDS_A_MINUTE = 60;

    private StudySummary() {}

    static String of(StudyResults results) {
        StringBuilder text = new StringBuilder("# " + results.name() + "\n\n");
        introduction(results).forEach(sentence -> text.append(sentence).append('\n'));
        text.append("\n## Families\n\n").append(families(results).markdown());
        text.append("\n## Runs\n\nHeld-out loss with causal routing, of the last checkpoint.\n\n")
                .append(StudyTables.runs(results).markdown());
        gains(results, text);
        further(results, text);
        comparisons(results, text);
        equalCosts(results, text);
        if (results.canBeFitted()) {
            fits(results, text);
        }
        List<String> problems = problems(results);
        if (!problems.isEmpty()) {
            text.append("\n## What cannot be told\n\n");
            problems.forEach(problem -> text.append("- ").append(problem).append('\n'));
        }
        return text.toString();
    }

    private static void fits(StudyResults results, StringBuilder text) {
        text.append("\n## Compute-optimal sizes\n\n")
                .append("The minimum of the parabola of the loss over the logarithm of the non-embedding parameters,"
                        + " at each budget.\n\n")
                .append(StudyTables.curves(results).markdown())
                .append('\n')
                .append(exponents(results).markdown());
        if (!results.recurrences().isEmpty()) {
            text.append("\n## What a recursion is worth\n\n")
                    .append("phi of the iso-depth law: r recursions of N_rec parameters, beside N_once that are passed"
                            + " once, have the loss of N_once + r^phi · N_rec parameters that are all passed once."
                            + " 1 is a block of layers of its own, 0 nothing. r is the mean depth that was"
                            + " trained. The interval takes a seed to be as lucky at one budget as at the others,"
                            + " which share its stable phase.\n\n")
                    .append(StudyTables.recurrences(results).markdown());
        }
    }

    private static List<String> introduction(StudyResults results) {
        StudyProgress progress = results.progress();
        DatasetSummary data = results.data();
        List<String> sentences = new ArrayList<>();
        sentences.add(progress.finishedRuns() + " of " + progress.plannedRuns() + " runs are done"
                + (progress.givenUp().isEmpty()
                        ? ""
                        : ", and " + progress.givenUp().size() + " were given up as their loss ceased to be a number")
                + (progress.isComplete() ? "" : ": **this study is not finished**, and all below is of the runs so far")
                + ". Their own steps took "
                + Numbers.fixed(progress.secondsSpent() / SECONDS_A_MINUTE, 0) + " minutes on "
                + results.setting().processors() + " processors ("
                + results.setting().platform() + ", Saiki "
                + results.setting().version() + ").");
        sentences.add("Text: " + data.corpus() + ", " + Numbers.metric(data.trainTokens()) + " training tokens in "
                + data.trainDocuments() + " documents, vocabulary " + data.vocabSize() + ". Scored: "
                + Numbers.metric(data.scoredTokens()) + " tokens of "
                + documents(data) + " held-out documents; learning rates and best sizes were chosen on "
                + Numbers.metric(data.tuningTokens()) + " tokens of others.");
        sentences.add("Budgets are "
                + switch (results.unit()) {
                    case FORWARD_FLOPS -> "forward FLOPs";
                    case TOKENS -> "tokens";
                }
                + " of a training; within a family, size and seed they share one stable phase.");
        return sentences;
    }

    private static long documents(DatasetSummary data) {
        return data.rowDocuments().stream().distinct().count();
    }

    private static TextTable families(StudyResults results) {
        List<List<String>> rows = new ArrayList<>();
        for (FamilySummary family : results.families()) {
            rows.add(List.of(
                    family.name(),
                    family.recipe(),
                    String.join(
                            ", ",
                            family.learningRates().stream()
                                    .map(RunPlanner::number)
                                    .toList()),
                    family.learningRate().map(RunPlanner::number).orElse("–")));
        }
        return new TextTable(
                List.of(
                        new Column("Family", ""),
                        new Column("Recipe", ""),
                        new Column("Learning rates", "tried"),
                        new Column("Learning rate", "chosen")),
                rows);
    }

    private static void gains(StudyResults results, StringBuilder text) {
        if (results.runs().stream().allMatch(run -> run.gains().isEmpty())) {
            return;
        }
        text.append("\n## What recursions are worth to single tokens\n\n")
                .append(
                        "Single tokens are tried with a recursion step and without it, all others as routed. Worth: mean"
                                + " fall of the token's loss. Captures: of what hindsight would add to chance, at equal numbers,"
                                + " what each way to choose gets. Area: who tells whom a step helps, weighted by how much; one"
                                + " half is chance. Intervals over documents, 95 %, not over seeds.\n\n")
                .append(GainTable.of(results).markdown());
    }

    private static void further(StudyResults results, StringBuilder text) {
        if (results.changes().isEmpty()) {
            return;
        }
        text.append("\n## Further evaluations\n\n")
                .append("The same checkpoints, measured on the same rows with tokens taking fewer layers. The"
                        + " difference is from the loss of the same checkpoint in the table above, paired over"
                        + " held-out documents; positive means that the evaluation is worse. Thresholds of early"
                        + " exits were chosen on the tuning documents.\n\n")
                .append(StudyTables.further(results).markdown());
    }

    private static void equalCosts(StudyResults results, StringBuilder text) {
        if (results.equalCosts().isEmpty()) {
            return;
        }
        text.append("\n## Early exits against trained depths\n\n")
                .append("Held-out loss against forward FLOPs of a held-out token, head, routers and checks of exits"
                        + " counted, averaged over seeds. In brackets FLOPs as if it were known for nothing which"
                        + " tokens leave.\n\n")
                .append(StudyTables.qualities(results).markdown())
                .append("\n"
                        + "Loss of the family minus that of the other with early exits at the same FLOPs for a"
                        + " token, on the line between its two settings beside them; negative means that the"
                        + " family is better. Without checks, exits look cheaper than they can be. The interval"
                        + " counts other documents and other seeds.\n\n")
                .append(StudyTables.equalCosts(results).markdown());
    }

    private static void comparisons(StudyResults results, StringBuilder text) {
        if (results.comparisons().isEmpty()) {
            return;
        }
        long undecided = results.comparisons().stream()
                .filter(comparison -> comparison.verdict() == Verdict.UNDECIDED)
                .count();
        text.append("\n## Comparisons\n\n")
                .append("Loss of the first family minus that of the second, paired over held-out documents and"
                        + " averaged over seeds; negative means that the first is better. The interval counts"
                        + " other documents and other seeds. What it does not settle is \"not told apart\", and no"
                        + " gain. ")
                .append(String.format(
                        Locale.ROOT,
                        "Of %d comparisons %d are not told apart; at 95 %% each, about one in twenty of all can be"
                                + " wrong by chance. By Holm's method, which keeps the chance that even one of them"
                                + " is wrong at 5 %%, %d are told apart (p at most 0.05, and an interval without"
                                + " zero).%n%n",
                        results.comparisons().size(),
                        undecided,
                        HolmCorrection.numApart(results.comparisons())))
                .append(StudyTables.comparisons(results).markdown());
    }

    private static TextTable exponents(StudyResults results) {
        List<List<String>> rows = new ArrayList<>();
        for (ComputeOptimalCurve curve : results.curves()) {
            rows.add(List.of(
                    curve.family(),
                    StudyTables.fitted(curve.sizeExponent(), value -> Numbers.fixed(value, 2)),
                    StudyTables.fitted(curve.lossExponent(), value -> Numbers.fixed(value, 3))));
        }
        return new TextTable(
                List.of(
                        new Column("Family", ""),
                        new Column("a", "optimal parameters = k · budget^a"),
                        new Column("b", "optimal NLL = k · budget^−b")),
                rows);
    }

    /// What could not be fitted or decided, and why, a sentence each.
    static List<String> problems(StudyResults results) {
        Set<String> problems = new LinkedHashSet<>();
        for (DivergedRun run : results.progress().givenUp()) {
            problems.add(run.id() + " was given up: at step " + run.step() + " " + run.what() + " was not finite."
                    + (run.purpose() == RunPurpose.GRID
                            ? " Means over seeds leave it out, which flatters its family."
                            : ""));
        }
        for (FamilyComparison comparison : results.comparisons()) {
            if (!comparison.reason().isEmpty()) {
                problems.add("At " + RunPlanner.number(comparison.budget())
                        + " " + results.unit().word() + " no difference is called a gain, because "
                        + comparison.reason() + ".");
            }
        }
        if (results.canBeFitted()) {
            fitProblems(results, problems);
        }
        return List.copyOf(problems);
    }

    private static void fitProblems(StudyResults results, Set<String> problems) {
        boolean areFitted =
                !results.recurrences().isEmpty() || !results.curves().isEmpty();
        if (areFitted && results.budgets().stream().noneMatch(results::knowsSeeds)) {
            problems.add(
                    "The intervals of what was fitted count documents alone: no model was trained with two seeds.");
        }
        for (ComputeOptimalCurve curve : results.curves()) {
            for (ComputeOptimum optimum : curve.optima()) {
                impossible(
                        "The best size of " + curve.family() + " at " + RunPlanner.number(optimum.budget()) + " FLOPs",
                        optimum.nonEmbeddingParameters(),
                        problems);
            }
            impossible("The size exponent of " + curve.family(), curve.sizeExponent(), problems);
        }
        for (RecurrenceFit recurrence : results.recurrences()) {
            impossible("phi of " + recurrence.family(), recurrence.phi(), problems);
        }
    }

    private static void impossible(String what, FittedValue fitted, Set<String> problems) {
        if (!fitted.isPresent()) {
            problems.add(what + " cannot be fitted, because " + fitted.problem() + ".");
        }
    }
}
