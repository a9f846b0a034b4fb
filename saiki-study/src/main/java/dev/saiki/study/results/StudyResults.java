package dev.saiki.study.results;

import dev.saiki.eval.RecordFormat;
import dev.saiki.study.plan.BudgetUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The results of a study so far, as stored in `study.json`.
///
/// The file is rewritten after every finished run, so that reports on a running study are possible; comparisons
/// and fits then cover the finished runs. Keys are the component names in snake case; an `Optional` is a value or
/// null. Losses are natural logarithms, per token, on held-out documents; a budget is in the study's unit;
/// intervals hold the true value with a confidence of 95 %.
///
/// @param formatVersion version of the file's format
/// @param name name of the plan
/// @param setting the program version and the machine
/// @param data the text, and the rows on which every run is scored
/// @param families the kinds of model, in the plan's order; the first is the baseline
/// @param sizes names of the sizes, in the plan's order
/// @param budgetUnit the unit of budgets; absent in older files, whose budgets are forward FLOPs
/// @param budgets the lengths of the trainings, rising
/// @param seeds the seeds, the same for every family, size and budget
/// @param progress progress of the study
/// @param runs the finished trainings with their measurements, in the order of the plan
/// @param comparisons every family against the families that the plan compares it with, at each budget: first at
///     each size, then at the best sizes
/// @param changes the effects of further evaluations on the loss of each checkpoint
/// @param equalCosts comparisons of families with other families' early exits, at the same FLOPs per token
/// @param curves the compute-optimal curve of each family
/// @param recurrences the worth of a recursion in each recursive family
/// @param floor the loss of a unigram model; absent in older files
/// @param written samples from one checkpoint of each family, if the plan asks for samples and all trainings
///     are done
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

    /// The name of the file in the folder of a study.
    public static final String NAME = "study.json";

    /// The file of a study's results.
    public static final RecordFormat<StudyResults> FILE = new RecordFormat<>(
            StudyResults.class, "the results of a study", "`saiki study` writes it after the first run of a study", 5);

    /// Copies the lists.
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
    /// @return the unit; forward FLOPs if the file names no unit
    public BudgetUnit unit() {
        return budgetUnit.orElse(BudgetUnit.FORWARD_FLOPS);
    }

    /// Tells whether an optimal size or an exponent can be fitted, which requires budgets in FLOPs and more
    /// than one size or budget.
    ///
    /// @return whether tables of fits are meaningful
    public boolean canBeFitted() {
        return unit() == BudgetUnit.FORWARD_FLOPS && (sizes.size() > 1 || budgets.size() > 1);
    }

    /// Tells whether the variance over seeds can be estimated, that is, whether at least one model of a
    /// budget was trained with two seeds.
    ///
    /// @param budget one of the budgets
    /// @return whether intervals at that budget include seed variance
    public boolean knowsSeeds(double budget) {
        Set<List<String>> seen = new HashSet<>();
        return runs.stream()
                .filter(run -> run.purpose() == RunPurpose.GRID && run.budget() == budget)
                .anyMatch(run -> !seen.add(List.of(run.family(), run.size())));
    }
}
