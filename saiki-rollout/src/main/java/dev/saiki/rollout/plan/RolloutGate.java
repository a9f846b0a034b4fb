package dev.saiki.rollout.plan;

import dev.saiki.io.InputException;
import dev.saiki.rollout.check.Check;

/// A gate: a check with its tolerance and consequences.
///
/// @param name of the gate
/// @param check tells by how much the candidate is worse
/// @param tolerance how much worse it may be in the mean; from 0 to below 1
/// @param retreats whether evidence that it is worse than that makes the gateway retreat
/// @param promotes whether evidence that it is not is needed to go on
public record RolloutGate(String name, Check check, double tolerance, boolean retreats, boolean promotes) {

    /// Checks the tolerance.
    ///
    /// @throws InputException naming what is wrong, what is allowed, and what was got
    public RolloutGate {
        if (!(tolerance >= 0 && tolerance < 1)) {
            throw InputException.of("gate " + name, "tolerance", "from 0 to below 1", tolerance);
        }
    }
}
