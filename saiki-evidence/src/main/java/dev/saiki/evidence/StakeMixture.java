package dev.saiki.evidence;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/// A betting martingale: a product of factors 1 + λ · excess, where the stake λ is fixed before each excess
/// is observed. The stake is the mean of a grid of stakes, each weighted by its wealth so far.
///
/// The martingale is Cover's universal portfolio on a grid: the product is the mean of the products of the single
/// stakes. So the logarithm of the product falls short of the best stake's by at most the logarithm of the number
/// of stakes. If no excess has a positive conditional mean, the product is a nonnegative supermartingale; by
/// Ville's inequality it ever exceeds 1/α with a probability of at most α, however often it is checked.
///
/// aGRAPA, which derives the stake from mean and variance, was rejected: it grows about as fast, but less reliably
/// while there are few observations.
public final class StakeMixture {

    /// The number of stakes on the grid.
    public static final int STAKES = 12;

    /// The largest stake, as a share of the stake at which a factor may become zero.
    private static final double LARGEST = 0.95;

    private static final double RATIO = 1.5;

    private final double[] stakes;
    private final double[] shares = new double[STAKES];
    private double logEvidence;

    /// Begins with equal weights of the stakes, or resumes a stored product.
    ///
    /// @param bound the stake at which the smallest possible excess makes the factor zero
    /// @param state the result of {@link #state} with the same bound; {@link State#NONE} to begin
    public StakeMixture(double bound, State state) {
        if (state.shares().size() != STAKES) {
            throw new IllegalArgumentException("the state must have " + STAKES + " stakes, got "
                    + state.shares().size());
        }
        this.stakes = stakes(bound);
        Arrays.setAll(shares, state.shares()::get);
        this.logEvidence = state.logEvidence();
    }

    /// The stakes of the grid, the largest first.
    ///
    /// @param bound the stake at which the smallest possible excess makes the factor zero
    static double[] stakes(double bound) {
        double[] stakes = new double[STAKES];
        Arrays.setAll(stakes, i -> LARGEST * bound / Math.pow(RATIO, i));
        return stakes;
    }

    /// The stored state of the product.
    ///
    /// @param logEvidence the natural logarithm of the product
    /// @param shares the share of each stake in the product
    public record State(double logEvidence, List<Double> shares) {

        /// A product that is 1, with equal weights.
        public static final State NONE = new State(0, Collections.nCopies(STAKES, 1.0 / STAKES));

        /// Copies the shares.
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

    /// Multiplies the product by the next factor.
    ///
    /// @param excess a number minus the hypothesized bound on its mean
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
    /// @return the natural logarithm of the product so far
    public double logEvidence() {
        return logEvidence;
    }
}
