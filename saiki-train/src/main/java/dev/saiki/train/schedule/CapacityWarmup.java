package dev.saiki.train.schedule;

/// A half-cosine decrease of a recursion step's capacity from all tokens to its target.
///
/// After t of w warm-up steps the capacity is `c + (1 − c) · ½ (1 + cos(π · min(1, t / w)))` for the target c. The
/// default is 0 steps, because the paper found that warm-up hurts (Mixture-of-Recursions, arXiv:2507.10524, table
/// 13).
///
/// @param steps the number of warm-up steps; 0 for none
public record CapacityWarmup(long steps) {

    /// Checks the length.
    ///
    /// @throws IllegalArgumentException if the number of steps is negative
    public CapacityWarmup {
        if (steps < 0) {
            throw new IllegalArgumentException("steps " + steps);
        }
    }

    /// The capacity at one step of the run.
    ///
    /// @param capacity the target, a share of all tokens in (0, 1]
    /// @param step the number of optimizer steps taken before the step in question
    /// @return a share in [capacity, 1]
    public double effective(double capacity, long step) {
        if (step >= steps) {
            return capacity;
        }
        return capacity + (1 - capacity) * 0.5 * (1 + StrictMath.cos(Math.PI * step / steps));
    }
}
