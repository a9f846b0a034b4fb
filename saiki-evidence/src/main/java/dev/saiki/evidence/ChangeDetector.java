package dev.saiki.evidence;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/// A detector of a change for the worse at an unknown time: the sum of the products of bets that begin at each
/// observation so far (Shiryaev and Roberts).
///
/// As long as no excess has a positive conditional mean, the sum minus the number of observations is a
/// supermartingale. So within any N observations the sum reaches N/α with a probability of at most α. After a change,
/// the products that began just before it grow as if there were no past, so the delay does not depend on how long
/// the good time before was. Such sums are e-detectors (Shin, Ramdas and Rinaldo, arXiv:2203.03532).
///
/// A mean of detectors with weights that are fixed beforehand has the same property, where N counts the observations
/// of the detector that observes most. The stakes are those of {@link StakeMixture}, each with the same weight.
public final class ChangeDetector {

    /// The largest sum; beyond it a detector says nothing new, and numbers would overflow.
    private static final double MOST = 1e200;

    private final double[] stakes;
    private final double[] sums;

    /// Begins a detector, or resumes a stored one.
    ///
    /// @param bound the stake at which the smallest possible excess makes a factor zero
    /// @param state the result of {@link #state} with the same bound; {@link #NONE} to begin
    /// @throws IllegalArgumentException if the state has another number of stakes
    public ChangeDetector(double bound, List<Double> state) {
        if (state.size() != StakeMixture.STAKES) {
            throw new IllegalArgumentException(
                    "the state must have " + StakeMixture.STAKES + " stakes, got " + state.size());
        }
        this.stakes = StakeMixture.stakes(bound);
        this.sums = state.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /// The state of a detector without observations.
    public static final List<Double> NONE = Collections.nCopies(StakeMixture.STAKES, 0.0);

    /// Adds the next observation, with which a product of weight 1 begins.
    ///
    /// @param excess a number minus the hypothesized bound on its mean
    public void observe(double excess) {
        observe(excess, 1);
    }

    /// Adds the next observation.
    ///
    /// @param excess a number minus the hypothesized bound on its mean
    /// @param begins the weight of the product that begins with this observation, chosen beforehand
    void observe(double excess, double begins) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] = Math.min(MOST, (sums[i] + begins / sums.length) * (1 + stakes[i] * excess));
        }
    }

    /// Returns the evidence of a change.
    ///
    /// @return the sum, at least 0; its expectation without a change is at most the number of observations
    public double evidence() {
        return Arrays.stream(sums).sum();
    }

    /// Returns the state for resuming.
    ///
    /// @return the sum of each stake
    public List<Double> state() {
        return Arrays.stream(sums).boxed().toList();
    }
}
