package dev.saiki.rollout.evidence;

import dev.saiki.io.InputException;

/// The demands of a gate on evidence.
///
/// @param tolerance ε: how much worse the candidate may be in the mean; from 0 to below 1
/// @param retreatError α of this gate alone: the largest chance to retreat though the candidate is not
///     worse than is tolerated; between 0 and 1
/// @param promoteError β: the largest chance to let a candidate pass though it is worse; between 0 and 1
/// @param recent conversations in a block of the recent mean, which a promotion must find tolerable too,
///     since traffic or models may drift; 0 to ask for none
public record GateSettings(double tolerance, double retreatError, double promoteError, int recent) {

    /// Checks all four.
    ///
    /// @throws InputException naming the one that is out of bounds, what is allowed, and what was got
    public GateSettings {
        if (!(tolerance >= 0 && tolerance < 1)) {
            throw InputException.of("a gate", "tolerance", "from 0 to below 1", tolerance);
        }
        requireChance("retreat error", retreatError);
        requireChance("promote error", promoteError);
        if (recent < 0) {
            throw InputException.of("a gate", "the block of the recent mean", "at least 0 conversations", recent);
        }
    }

    /// Asks for no recent mean.
    ///
    /// @param tolerance ε
    /// @param retreatError α of this gate alone
    /// @param promoteError β
    public GateSettings(double tolerance, double retreatError, double promoteError) {
        this(tolerance, retreatError, promoteError, 0);
    }

    /// Shares the error of false retreats among all gates of all states.
    ///
    /// @param gates that may cause a retreat, at least 1
    /// @param states that a rollout goes through, at least 1
    /// @return these settings with their share
    public GateSettings shared(int gates, int states) {
        return new GateSettings(tolerance, retreatError / gates / states, promoteError, recent);
    }

    private static void requireChance(String name, double chance) {
        if (!(chance > 0 && chance < 1)) {
            throw InputException.of("a gate", name, "between 0 and 1", chance);
        }
    }
}
