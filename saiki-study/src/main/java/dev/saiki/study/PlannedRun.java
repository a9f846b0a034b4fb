package dev.saiki.study;

import dev.saiki.eval.audit.RouterAuditor;
import dev.saiki.study.plan.StudyEvaluation;
import dev.saiki.study.plan.StudyPlan;
import dev.saiki.study.results.RunPurpose;
import dev.saiki.train.recipe.Recipe;
import java.util.List;
import java.util.Optional;

/// A training that a plan asks for.
///
/// @param id its name and its folder's
/// @param purpose what it is for
/// @param family name of its family
/// @param size name of its size
/// @param budget its length, in the unit of the plan
/// @param seed its seed
/// @param learningRate its peak learning rate
/// @param recipe all of it
/// @param steps steps of the whole training
/// @param branch where it begins, if it shares the stable phase of another run
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

    /// The place where a run leaves another one's stable phase.
    ///
    /// @param from name of the other run
    /// @param step the step whose state it begins with
    record Branch(String from, long step) {}

    /// The name of the run whose stable phase this one shares; its own if it shares none.
    String trunk() {
        return branch.map(Branch::from).orElse(id);
    }

    /// The step that this run begins after.
    long firstStep() {
        return branch.isPresent() ? branch.get().step() : 0;
    }

    /// What is measured on its model: of a trial of a learning rate only what every model is measured by.
    ///
    /// @param settings of the study
    List<StudyEvaluation> evaluations(StudyPlan.EvaluationSettings settings) {
        return purpose == RunPurpose.SWEEP
                ? List.of(StudyEvaluation.HeldOutLoss.CAUSAL)
                : settings.of(recipe.model().config());
    }

    /// How what its recursions are worth is measured: of a trial of a learning rate, not at all.
    ///
    /// @param settings of the study
    Optional<StudyPlan.GainSettings> gains(StudyPlan.EvaluationSettings settings) {
        return purpose == RunPurpose.GRID
                        && RouterAuditor.canAudit(recipe.model().config())
                ? settings.gains()
                : Optional.empty();
    }

    /// The tokens that this run itself trains on.
    long ownTokens() {
        return (steps - firstStep()) * recipe.batch().tokens();
    }
}
