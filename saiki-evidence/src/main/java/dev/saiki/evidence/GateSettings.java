package dev.saiki.evidence;

/// The tolerance and error probabilities of a gate.
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
    /// @throws IllegalArgumentException naming the one that is out of bounds, what is allowed, and what was got
    public GateSettings {
        require(tolerance >= 0 && tolerance < 1, "the tolerance must be from 0 to below 1", tolerance);
        require(retreatError > 0 && retreatError < 1, "the retreat error must be between 0 and 1", retreatError);
        require(promoteError > 0 && promoteError < 1, "the promote error must be between 0 and 1", promoteError);
        require(recent >= 0, "the block of the recent mean must be at least 0 conversations", recent);
    }

    /// Asks for no recent mean.
    ///
    /// @param tolerance ε
    /// @param retreatError α of this gate alone
    /// @param promoteError β
    public GateSettings(double tolerance, double retreatError, double promoteError) {
        this(tolerance, retreatError, promoteError, 0);
    }

    private static void require(boolean holds, String rule, double got) {
        if (!holds) {
            throw new IllegalArgumentException(rule + ", got " + got);
        }
    }
}
