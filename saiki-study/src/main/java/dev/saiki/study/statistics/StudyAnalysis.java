package dev.saiki.study.statistics;

import dev.saiki.study.plan.BudgetUnit;
import dev.saiki.study.plan.StudyPlan;
import dev.saiki.study.results.EqualCostComparison;
import dev.saiki.study.results.FamilyComparison;
import dev.saiki.study.results.StudyResults;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The analysis of a study's finished runs.
public final class StudyAnalysis {

    private StudyAnalysis() {}

    /// Adds comparisons and fits to results that hold only runs.
    ///
    /// @param runs the results
    /// @param plan the plan, which names the families to compare
    /// @return the results with the statistics of their runs
    public static StudyResults of(StudyResults runs, StudyPlan plan) {
        LossSample sample = LossSample.of(runs);
        Bootstrap bootstrap = new Bootstrap(sample, plan.evaluation().resamples());
        ComparisonAnalysis compared = new ComparisonAnalysis(runs, sample, bootstrap);
        List<FamilyComparison> comparisons = new ArrayList<>();
        Set<Set<String>> pairs = new HashSet<>();
        for (StudyPlan.Family family : plan.families()) {
            // If each of two families names the other, one of the comparisons is dropped: they differ only in
            // sign.
            List<String> others = family.compareWith().stream()
                    .filter(other -> pairs.add(Set.of(family.name(), other)))
                    .toList();
            comparisons.addAll(compared.of(family.name(), others));
        }
        EarlyExitAnalysis exits = new EarlyExitAnalysis(runs, sample, bootstrap);
        List<EqualCostComparison> equalCosts = new ArrayList<>();
        for (StudyPlan.Family family : plan.families()) {
            equalCosts.addAll(exits.of(family.name(), family.compareWith()));
        }
        boolean isCompute = runs.unit() == BudgetUnit.FORWARD_FLOPS;
        ComputeOptimalFit curves = new ComputeOptimalFit(runs, sample, bootstrap);
        return new StudyResults(
                runs.formatVersion(),
                runs.name(),
                runs.setting(),
                runs.data(),
                runs.families(),
                runs.sizes(),
                runs.budgetUnit(),
                runs.budgets(),
                runs.seeds(),
                runs.progress(),
                runs.runs(),
                comparisons,
                exits.changes(),
                equalCosts,
                isCompute
                        ? plan.families().stream()
                                .map(family -> curves.of(family.name()))
                                .toList()
                        : List.of(),
                isCompute ? new RecurrenceAnalysis(runs, sample, bootstrap).all() : List.of(),
                runs.floor(),
                runs.written());
    }
}
