package dev.saiki.rollout.evidence;

import java.util.OptionalDouble;

/// The difference of a pair of answers: the candidate's loss less the baseline's, from -1 to 1.
public final class PairDifference {

    private PairDifference() {}

    /// Compares two answers to the same request.
    ///
    /// The candidate's failure counts as the worst, both failing as equal, and the baseline's alone as
    /// missing; so does a loss that no checker told.
    ///
    /// @param candidateFailed whether the candidate gave an error or nothing in time
    /// @param baselineFailed whether the baseline did
    /// @param candidateLoss from 0 to 1; empty where the checker failed
    /// @param baselineLoss from 0 to 1; empty where the checker failed
    /// @return the difference; empty where it is missing
    public static OptionalDouble of(
            boolean candidateFailed,
            boolean baselineFailed,
            OptionalDouble candidateLoss,
            OptionalDouble baselineLoss) {
        if (baselineFailed) {
            return candidateFailed ? OptionalDouble.of(0) : OptionalDouble.empty();
        }
        if (candidateFailed) {
            return OptionalDouble.of(1);
        }
        if (candidateLoss.isEmpty() || baselineLoss.isEmpty()) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(loss(candidateLoss.getAsDouble()) - loss(baselineLoss.getAsDouble()));
    }

    private static double loss(double loss) {
        if (!(loss >= 0 && loss <= 1)) {
            throw new IllegalArgumentException("a loss must be from 0 to 1, got " + loss);
        }
        return loss;
    }
}
