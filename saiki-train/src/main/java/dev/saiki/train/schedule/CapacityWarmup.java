package dev.saiki.train.schedule;

/// A half-cosine decrease of a recursion step's capacity from all tokens to its target.
///
/// After t of w warm-up steps the capacity is `c + (1 − c) · ½ (1 + cos(π · min(1, t / w)))` for the target c.
/// The paper tried it and found that it hurts (Mixture-of-Recursions, arXiv:2507.10524, table 13), so that the
/// default is 0 steps.
///
/// @param steps the steps of the warm-up, 0 for none
public record CapacityWarmup(long steps) {

    /// Checks the length.
    ///
    /// @throws IllegalArgumentException if the number of steps is negative
    public CapacityWarmup {
        if (steps < 0) {
            throw new IllegalArgumentException("steps " + steps);
        }
    }

    /// The capacity in use at one step of the run.
    ///
    /// @param capacity the target, a share of all tokens in (0, 1]
    /// @param step the number of optimizer steps taken before
    /// @return a share in [capacity, 1]
    public double effective(double capacity, long step) {
        if (step >= steps) {
            return capacity;
        }
        return capacity + (1 - capacity) * 0.5 * (1 + StrictMath.cos(Math.PI * step / steps));
    }
}
