package dev.saiki.rollout.course;

import dev.saiki.rollout.plan.CandidateFields;
import dev.saiki.rollout.plan.RolloutState;
import dev.saiki.rollout.plan.Stage;
import java.time.Instant;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// The position of a rollout: its stage, its run, and changes by operators or alarms.
///
/// @param run number of times that evidence was reset
/// @param index of the stage in the plan
/// @param stage the stage
/// @param aborted whether the baseline answers all requests, regardless of the stage
/// @param paused whether the stage stays, regardless of the evidence, unless the candidate is worse
/// @param effortDisabled whether every token takes the reference depth because of a router alarm
/// @param since when the run began
public record Position(
        long run, int index, Stage stage, boolean aborted, boolean paused, boolean effortDisabled, Instant since) {

    /// Returns the state.
    ///
    /// @return the state, which decides who answers
    public RolloutState state() {
        return aborted ? RolloutState.ABORTED : stage.state();
    }

    /// Returns the fields set in requests to the candidate.
    ///
    /// @param fields of the plan
    /// @return values by field
    public Map<String, JsonNode> fields(CandidateFields fields) {
        return effortDisabled ? fields.reference() : fields.in(state());
    }

    /// Tells whether pairs are gathered.
    ///
    /// @return false if aborted or retired
    public boolean gathersEvidence() {
        return !aborted && stage.gathersEvidence();
    }

    /// The same position in a new run.
    Position anew(Instant now) {
        return new Position(run + 1, index, stage, aborted, paused, effortDisabled, now);
    }

    /// The same position, paused or not.
    Position paused(boolean held) {
        return new Position(run, index, stage, aborted, held, effortDisabled, since);
    }

    /// The same position in a new run, with effort control disabled or enabled.
    Position disableEffort(boolean disabled, Instant now) {
        return new Position(run + 1, index, stage, aborted, paused, disabled, now);
    }

    /// Whether requests run below the reference depth.
    boolean isDialed() {
        return !aborted && !effortDisabled && stage.state().compareTo(RolloutState.CERTIFIED) >= 0;
    }
}
