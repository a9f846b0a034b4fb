package dev.saiki.rollout.evidence;

import dev.saiki.io.InputException;

/// The demands of a gate on evidence.
///
/// @param tolerance ε: how much worse the candidate may be in the mean; from 0 to below 1
/// @param retreatError α of this gate alone: the largest chance to retreat though the candidate is not worse than is
///     tolerated; between 0 and 1
/// @param promoteError β: the largest chance to let a candidate pass though it is worse; between 0 and 1
public record GateSettings(double tolerance, double retreatError, double promoteError) {

    /// Checks all three.
    ///
    /// @throws InputException naming the one that is out of bounds, what is allowed, and what was got
    public GateSettings {
        if (!(tolerance >= 0 && tolerance < 1)) {
            throw InputException.of("a gate", "tolerance", "from 0 to below 1", tolerance);
        }
        requireChance("retreat error", retreatError);
        requireChance("promote error", promoteError);
    }

    private static void requireChance(String name, double chance) {
        if (!(chance > 0 && chance < 1)) {
            throw InputException.of("a gate", name, "between 0 and 1", chance);
        }
    }
}
