package dev.saiki.rollout.plan;

import dev.saiki.evidence.GateMeasure;
import dev.saiki.io.InputException;
import dev.saiki.rollout.check.Check;

/// A gate: a check with its tolerance and consequences.
///
/// @param name the name of the gate
/// @param check measures how much worse the candidate is
/// @param tolerance the largest acceptable mean difference; from 0 to below 1
/// @param retreats whether the gateway retreats if there is evidence that the candidate is worse than
///     tolerated
/// @param promotes whether promotion requires evidence that the candidate is not worse than tolerated
public record RolloutGate(String name, Check check, double tolerance, boolean retreats, boolean promotes)
        implements PlannedGate {

    /// Validates the tolerance.
    ///
    /// @throws InputException naming the setting, the allowed and the actual value
    public RolloutGate {
        InputException.require(
                tolerance >= 0 && tolerance < 1, "gate " + name, "tolerance", "from 0 to below 1", tolerance);
        if (promotes && check.measure(tolerance) instanceof GateMeasure.Difference(double bound) && bound == 0) {
            throw new InputException(
                    "gate " + name + ": tolerance must be above 0, got 0.0; an equal candidate is never"
                            + " cleared at 0, so no stage would end; give a tolerance such as 0.02, or promotes: false");
        }
    }

    /// Returns what the gate's test measures over all conversations.
    ///
    /// @return the measure
    public GateMeasure measure() {
        return check.measure(tolerance);
    }
}
