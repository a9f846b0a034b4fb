package dev.saiki.study;

import dev.saiki.eval.audit.RouterAuditor;
import dev.saiki.study.plan.StudyEvaluation;
import dev.saiki.study.plan.StudyPlan;
import dev.saiki.study.results.RunPurpose;
import dev.saiki.train.recipe.Recipe;
import java.util.List;
import java.util.Optional;

/// A training in a study's plan.
///
/// @param id the name of the run and of its folder
/// @param purpose purpose of the run
/// @param family name of the model's family
/// @param size name of the model's size
/// @param budget the length of the run, in the unit of the plan
/// @param seed the run's seed
/// @param learningRate the run's peak learning rate
/// @param recipe the complete recipe
/// @param steps number of steps, including those of the trunk before the branch point
/// @param branch the branch point, if the run shares the stable phase of another run
record PlannedRun(
        String id,
        RunPurpose purpose,
        String family,
        String size,
        double budget,
        long seed,
        double learningRate,
        Recipe recipe,
        long steps,
        Optional<Branch> branch) {

    /// The point where a run branches off another run's stable phase.
    ///
    /// @param from name of the other run
    /// @param step the step whose state the run starts from
    record Branch(String from, long step) {}

    /// The name of the run whose stable phase this run shares; this run's own name if it shares none.
    String trunk() {
        return branch.map(Branch::from).orElse(id);
    }

    /// The step after which this run starts.
    long firstStep() {
        return branch.isPresent() ? branch.get().step() : 0;
    }

    /// The evaluations of this run's model; a trial of a learning rate has only the held-out loss with causal
    /// routing.
    ///
    /// @param settings the study's settings
    List<StudyEvaluation> evaluations(StudyPlan.EvaluationSettings settings) {
        return purpose == RunPurpose.SWEEP
                ? List.of(StudyEvaluation.HeldOutLoss.CAUSAL)
                : settings.of(recipe.model().config());
    }

    /// The settings for measuring the gains of this model's recursions; empty for a trial of a learning rate.
    ///
    /// @param settings the study's settings
    Optional<StudyPlan.GainSettings> gains(StudyPlan.EvaluationSettings settings) {
        return purpose == RunPurpose.GRID
                        && RouterAuditor.canAudit(recipe.model().config())
                ? settings.gains()
                : Optional.empty();
    }

    /// The number of tokens that this run itself trains on, without the steps of its trunk before the branch
    /// point.
    long ownTokens() {
        return (steps - firstStep()) * recipe.batch().tokens();
    }
}
