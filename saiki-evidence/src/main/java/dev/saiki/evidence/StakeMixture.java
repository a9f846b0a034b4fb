package dev.saiki.evidence;

import java.util.Arrays;
import java.util.List;

/// A betting martingale: a product of factors 1 + λ · excess whose stake λ is fixed before each excess is
/// observed. The stake is the mean of a grid, weighted by the wealth of each stake so far.
///
/// This is Cover's universal portfolio on a grid: the product is the mean of the products of the single stakes, so
/// its logarithm is at most the logarithm of their number below that of the best one. If no excess has a positive
/// conditional mean, it is a nonnegative supermartingale, and exceeds 1/α with a probability of at most α, however
/// often it is looked at (Ville).
///
/// aGRAPA, which sets the stake by mean and variance, was rejected: it grows about as fast, but less reliably
/// while little is known, as after a change.
public final class StakeMixture {

    /// Stakes on the grid.
    public static final int STAKES = 12;

    /// The largest stake as a share of the one at which a factor may become zero.
    private static final double LARGEST = 0.95;

    private static final double RATIO = 1.5;

    private final double[] stakes = new double[STAKES];
    private final double[] shares;
    private double logEvidence;

    private StakeMixture(double bound, double[] shares, double logEvidence) {
        for (int i = 0; i < STAKES; i++) {
            stakes[i] = LARGEST * bound / Math.pow(RATIO, i);
        }
        this.shares = shares;
        this.logEvidence = logEvidence;
    }

    /// Begins with equal weights.
    ///
    /// @param bound of the stakes, at which the smallest excess makes the factor zero
    /// @return a product that is 1
    public static StakeMixture begin(double bound) {
        double[] equal = new double[STAKES];
        Arrays.fill(equal, 1.0 / STAKES);
        return new StakeMixture(bound, equal, 0);
    }

    /// Resumes.
    ///
    /// @param bound of the stakes, unchanged
    /// @param state result of {@link #state}
    /// @return the product with its state restored
    public static StakeMixture resume(double bound, State state) {
        double[] shares =
                state.shares().stream().mapToDouble(Double::doubleValue).toArray();
        if (shares.length != STAKES) {
            throw new IllegalArgumentException("the state must have " + STAKES + " stakes, got " + shares.length);
        }
        return new StakeMixture(bound, shares, state.logEvidence());
    }

    /// The product so far.
    ///
    /// @param logEvidence natural logarithm of it
    /// @param shares of each stake in it
    public record State(double logEvidence, List<Double> shares) {

        /// Keeps the shares.
        public State {
            shares = List.copyOf(shares);
        }
    }

    /// Returns the state for resuming.
    ///
    /// @return the product so far
    public State state() {
        return new State(logEvidence, Arrays.stream(shares).boxed().toList());
    }

    /// Multiplies by the next factor.
    ///
    /// @param excess of a number over the hypothesized bound on its mean
    public void observe(double excess) {
        double factor = 0;
        for (int i = 0; i < STAKES; i++) {
            shares[i] *= 1 + stakes[i] * excess;
            factor += shares[i];
        }
        for (int i = 0; i < STAKES; i++) {
            shares[i] /= factor;
        }
        logEvidence += Math.log(factor);
    }

    /// Returns the evidence.
    ///
    /// @return natural logarithm of the product
    public double logEvidence() {
        return logEvidence;
    }
}
