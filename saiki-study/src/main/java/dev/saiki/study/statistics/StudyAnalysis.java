package dev.saiki.study.statistics;

import dev.saiki.study.plan.StudyPlan;
import dev.saiki.study.results.EqualCostComparison;
import dev.saiki.study.results.FamilyComparison;
import dev.saiki.study.results.StudyResults;
import java.util.ArrayList;
import java.util.List;

/// What the finished runs of a study say together.
public final class StudyAnalysis {

    private StudyAnalysis() {}

    /// Adds comparisons and fits to results that have their runs.
    ///
    /// @param runs the results
    /// @param plan says what is compared with what
    /// @return the results with what their runs say together
    public static StudyResults of(StudyResults runs, StudyPlan plan) {
        StudySample sample = StudySample.of(runs);
        StudyBootstrap bootstrap = new StudyBootstrap(sample, plan.evaluation().resamples());
        StudyComparisons compared = new StudyComparisons(runs, sample, bootstrap);
        List<FamilyComparison> comparisons = new ArrayList<>();
        for (StudyPlan.Family family : plan.families()) {
            comparisons.addAll(compared.of(family.name(), family.compareWith()));
        }
        StudyExits exits = new StudyExits(runs, sample, bootstrap);
        List<EqualCostComparison> equalCosts = new ArrayList<>();
        for (StudyPlan.Family family : plan.families()) {
            equalCosts.addAll(exits.of(family.name(), family.compareWith()));
        }
        StudyCurves curves = new StudyCurves(runs, sample, bootstrap);
        return new StudyResults(
                runs.formatVersion(),
                runs.name(),
                runs.setting(),
                runs.data(),
                runs.families(),
                runs.sizes(),
                runs.budgets(),
                runs.seeds(),
                runs.progress(),
                runs.runs(),
                comparisons,
                exits.changes(),
                equalCosts,
                plan.families().stream().map(family -> curves.of(family.name())).toList(),
                new StudyRecurrences(runs, sample, bootstrap).all(),
                runs.floor(),
                runs.written());
    }
}
