package dev.saiki.eval.certificate;

import dev.saiki.io.InputException;
import org.hipparchus.distribution.discrete.BinomialDistribution;

/// A test that the mean of a bounded loss lies below a limit, on independent conversations, each with one
/// loss in \[0, 1\].
///
/// The null hypothesis is that the mean is at or above the limit a. Its p-value is the smaller of Hoeffding's and
/// Bentkus's form [1, 2], exp(−n h(min(R, a), a)) and e · P[Bin(n, a) ≤ ⌈n R⌉], where R is the mean of n losses
/// and h the divergence of two Bernoulli distributions. If every loss is 0 or 1, the p-value is P[Bin(n, a) ≤ n
/// R], which is exact.
///
/// [1] S. Bates et al.: Distribution-free, risk-controlling prediction sets. Journal of the ACM 68 (6),
/// 2021.
/// [2] A. Angelopoulos et al.: Learn then test. Annals of Applied Statistics 19 (2), 2025.
///
/// @param limit the bound a on the mean, in (0, 1)
/// @param confidence one minus the largest probability of passing a mean that is at or above the limit, in
///     (0, 1)
public record RiskTest(double limit, double confidence) {

    /// Tolerance for the rounding error in a sum of shares.
    private static final double ROUNDING = 1e-9;

    /// Checks both numbers.
    ///
    /// @throws InputException that names the number, the allowed range and the value
    public RiskTest {
        InputException.require(limit > 0 && limit < 1, "--risk", "above 0 and below 1", limit);
        InputException.require(confidence > 0 && confidence < 1, "--confidence", "above 0 and below 1", confidence);
    }

    /// Computes the p-value: the probability of losses this small or smaller if their mean were at the limit.
    ///
    /// @param losses the losses in \[0, 1\], one per conversation, at least one
    /// @return the p-value, at most 1
    public double pValue(double[] losses) {
        double sum = 0;
        boolean isBinary = true;
        for (double loss : losses) {
            if (!(loss >= 0 && loss <= 1)) {
                throw new IllegalArgumentException("a loss must be from 0 to 1, got " + loss);
            }
            sum += loss;
            isBinary &= loss == 0 || loss == 1;
        }
        int count = losses.length;
        if (isBinary) {
            return probabilityOfAtMost((int) Math.round(sum), count);
        }
        double mean = sum / count;
        double hoeffding = Math.exp(-count * divergence(Math.min(mean, limit)));
        double bentkus = Math.E * probabilityOfAtMost((int) Math.ceil(sum - ROUNDING), count);
        return Math.min(1, Math.min(hoeffding, bentkus));
    }

    /// Tells whether a p-value is small enough.
    ///
    /// @param pValue the p-value
    /// @return whether the mean is accepted as below the limit
    public boolean passes(double pValue) {
        return pValue <= 1 - confidence;
    }

    /// Returns a number of conversations that suffices for an effort to pass, by Hoeffding's form. If every loss
    /// is 0, no smaller number suffices.
    ///
    /// @param mean mean of the losses, at least 0 and below the limit
    /// @return the number of conversations
    public int conversations(double mean) {
        double needed = -Math.log1p(-confidence) / divergence(mean);
        return (int) Math.ceil(needed - ROUNDING);
    }

    private double probabilityOfAtMost(int failures, int count) {
        return new BinomialDistribution(count, limit).cumulativeProbability(failures);
    }

    /// The divergence, in nats, between two Bernoulli distributions: one with the mean, the other with the limit.
    private double divergence(double mean) {
        double failures = mean == 0 ? 0 : mean * Math.log(mean / limit);
        double rest = mean == 1 ? 0 : (1 - mean) * Math.log((1 - mean) / (1 - limit));
        return failures + rest;
    }
}
