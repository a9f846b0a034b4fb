package dev.saiki.rollout.state;

import dev.saiki.rollout.plan.RolloutState;
import dev.saiki.rollout.plan.Stage;
import java.time.Instant;

/// The place where a rollout stands.
///
/// @param run counts the times that evidence began anew
/// @param index of the stage in the plan
/// @param stage the stage
/// @param aborted whether the baseline answers all, whatever the stage says
/// @param paused whether it stays, whatever the evidence allows, unless the candidate is worse
/// @param since when the run began
public record Position(long run, int index, Stage stage, boolean aborted, boolean paused, Instant since) {

    /// Returns the state.
    ///
    /// @return by which is decided who answers
    public RolloutState state() {
        return aborted ? RolloutState.ABORTED : stage.state();
    }

    /// Tells whether pairs are gathered.
    ///
    /// @return false if aborted or retired
    public boolean gathersEvidence() {
        return !aborted && stage.gathersEvidence();
    }

    /// The same place in a new run.
    Position anew(long next, Instant now) {
        return new Position(next, index, stage, aborted, paused, now);
    }

    /// The same place, held or not.
    Position paused(boolean held) {
        return new Position(run, index, stage, aborted, held, since);
    }
}
