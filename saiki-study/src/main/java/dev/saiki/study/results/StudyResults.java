package dev.saiki.study.results;

import dev.saiki.study.plan.BudgetUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The results of a study so far, as they stand in `study.json`.
///
/// The file is written anew after every finished run, so that a study can be reported while it goes on; comparisons
/// and fits are then those of the runs that are there. Keys are the component names in snake case; an `Optional` is a
/// value or null. Losses are natural logarithms, per token, on held-out documents; a budget is in the study's unit;
/// intervals hold the true value with a confidence of 95 %.
///
/// @param formatVersion version of the file's format
/// @param name what the plan calls itself
/// @param setting where it runs
/// @param data the text, and the rows that every run is scored on
/// @param families the kinds of model, in the plan's order; the first is the baseline
/// @param sizes names of the sizes, in the plan's order
/// @param budgetUnit what a budget counts; absent in older files, whose budgets are forward FLOPs
/// @param budgets the lengths of the trainings, rising
/// @param seeds the seeds of every family, size and budget
/// @param progress how far the study is
/// @param runs the finished trainings with what was measured on them, in the order of the plan
/// @param comparisons every family against the baseline, and routed families against one another, cell by cell
/// @param changes what further evaluations do to the loss of each checkpoint
/// @param equalCosts families against early exits on others, at the same FLOPs for a token
/// @param curves the compute-optimal curve of each family
/// @param recurrences what a recursion is worth in each recursive family
/// @param floor the loss of a model that knows token frequencies only; absent in older files
/// @param written what one checkpoint of each family wrote, if the plan asks for it and all trainings are done
public record StudyResults(
        int formatVersion,
        String name,
        StudyEnvironment setting,
        DatasetSummary data,
        List<FamilySummary> families,
        List<String> sizes,
        Optional<BudgetUnit> budgetUnit,
        List<Double> budgets,
        List<Long> seeds,
        StudyProgress progress,
        List<RunResult> runs,
        List<FamilyComparison> comparisons,
        List<EvaluationChange> changes,
        List<EqualCostComparison> equalCosts,
        List<ComputeOptimalCurve> curves,
        List<RecurrenceFit> recurrences,
        Optional<UnigramLoss> floor,
        List<GeneratedSamples> written) {

    /// Keeps its own copies of the lists.
    public StudyResults {
        families = List.copyOf(families);
        sizes = List.copyOf(sizes);
        budgets = List.copyOf(budgets);
        seeds = List.copyOf(seeds);
        runs = List.copyOf(runs);
        comparisons = List.copyOf(comparisons);
        changes = List.copyOf(changes);
        equalCosts = List.copyOf(equalCosts);
        curves = List.copyOf(curves);
        recurrences = List.copyOf(recurrences);
        written = List.copyOf(written);
    }

    /// The unit of all budgets.
    ///
    /// @return forward FLOPs, unless the study says otherwise
    public BudgetUnit unit() {
        return budgetUnit.orElse(BudgetUnit.FORWARD_FLOPS);
    }

    /// Tells whether a size or an exponent could be fitted: whether budgets are compute, and there are several of them
    /// or several sizes.
    ///
    /// @return whether tables of fits are worth showing
    public boolean canBeFitted() {
        return unit() == BudgetUnit.FORWARD_FLOPS && (sizes.size() > 1 || budgets.size() > 1);
    }

    /// Tells whether anything is known of how much a loss depends on its seed: whether some model of a budget was
    /// trained with two.
    ///
    /// @param budget one of the budgets
    /// @return whether intervals at that budget count seeds
    public boolean knowsSeeds(double budget) {
        Set<List<String>> seen = new HashSet<>();
        return runs.stream()
                .filter(run -> run.purpose() == RunPurpose.GRID && run.budget() == budget)
                .anyMatch(run -> !seen.add(List.of(run.family(), run.size())));
    }
}
