package dev.saiki.evidence;

/// A confidence sequence for the mean of numbers in \[0, 1\], where each number may have a mean of its own.
///
/// For numbers x with means μ, let S be the sum of μ − x, and V the sum of (x − x̂)², where x̂ is the mean of 1/2
/// and the numbers before x. S is sub-exponential with the variance process V [1]. With the error probability α,
/// the bound is the mean at which a mixture of exp(λ S − ψ(λ) V) over a grid of λ, with ψ(λ) = −log(1 − λ) − λ,
/// reaches 1/α. Products of bets would be tighter, but are valid only if the mean is constant or stays on one side
/// of the bound.
///
/// [1] S. Howard et al.: Time-uniform, nonparametric, nonasymptotic confidence sequences. Annals of
/// Statistics 49 (2), 2021, theorem 4.
final class MeanTracker {

    private static final int GRID = 12;
    private static final double LARGEST = 0.9;
    private static final double RATIO = 1.6;
    private static final int HALVINGS = 50;

    private long count;
    private double sum;
    private double variance;

    void observe(double x) {
        double expected = (0.5 + sum) / (count + 1);
        variance += (x - expected) * (x - expected);
        sum += x;
        count++;
    }

    /// A time-uniform upper bound on the mean.
    ///
    /// @param error probability that the mean ever exceeds the bound
    double upper(double error) {
        if (count == 0) {
            return 1;
        }
        double low = sum / count;
        double high = 1;
        for (int i = 0; i < HALVINGS; i++) {
            double middle = (low + high) / 2;
            if (logMixture(count * middle - sum) < -Math.log(error)) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    private double logMixture(double distance) {
        double total = 0;
        for (int i = 0; i < GRID; i++) {
            double lambda = LARGEST / Math.pow(RATIO, i);
            total += Math.exp(lambda * distance + (Math.log1p(-lambda) + lambda) * variance) / GRID;
        }
        return Math.log(total);
    }
}
