package dev.saiki.evidence;

/// The rule by which the gates of all slices together decide on a retreat.
///
/// The statistic is the mean of the gates' {@link GateTest#changeEvidence}, with equal weights that do not depend on
/// the evidence. Its expectation without a change is at most the number of conversations, so it reaches `horizon` / α
/// within `horizon` conversations with a probability of at most α, over all gates, slices, stages and attempts
/// together. A mean is never weaker than one threshold for each test at α divided by their number: if one test
/// reaches that threshold, the mean reaches its own.
///
/// @param error α: the largest probability of a false retreat within the horizon, between 0 and 1
/// @param horizon the number of conversations for which the promise holds, at least 1
/// @param tests the number of tests, including those of slices that are not chosen yet
public record RetreatRule(double error, long horizon, int tests) {

    /// Checks the numbers.
    ///
    /// @throws IllegalArgumentException if a number is out of range
    public RetreatRule {
        if (!(error > 0 && error < 1) || horizon < 1 || tests < 1) {
            throw new IllegalArgumentException("the error must be between 0 and 1, the horizon and the tests at least"
                    + " 1, got " + error + ", " + horizon + ", " + tests);
        }
    }

    /// Returns the sum of the tests' evidence at which the gateway retreats.
    ///
    /// @return the threshold
    public double threshold() {
        return tests * (horizon / error);
    }
}
