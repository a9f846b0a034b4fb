package dev.saiki.evidence;

/// The tolerance and error probabilities of a gate.
///
/// @param tolerance ε: the largest acceptable mean difference, from 0 to below 1
/// @param retreatError α of this gate alone: the largest probability of retreating from a candidate that is not
///     worse than tolerated; between 0 and 1
/// @param promoteError β: the largest probability of promoting a candidate that is worse than tolerated; between 0
///     and 1
public record GateSettings(double tolerance, double retreatError, double promoteError) {

    /// Validates the settings.
    ///
    /// @throws IllegalArgumentException naming the setting that is out of bounds, the allowed and the actual value
    public GateSettings {
        require(tolerance >= 0 && tolerance < 1, "the tolerance must be from 0 to below 1", tolerance);
        require(retreatError > 0 && retreatError < 1, "the retreat error must be between 0 and 1", retreatError);
        require(promoteError > 0 && promoteError < 1, "the promote error must be between 0 and 1", promoteError);
    }

    private static void require(boolean holds, String rule, double got) {
        if (!holds) {
            throw new IllegalArgumentException(rule + ", got " + got);
        }
    }
}
