package dev.saiki.evidence;

import java.util.function.DoubleUnaryOperator;

/// The time-uniform bounds on a constant failure rate, from the numbers of requests and failures.
///
/// Each bound is the rate at which a likelihood ratio reaches `2 / error`. The ratio's numerator is a mixture of
/// the likelihoods of rates on the same side of the bound as the observed rate, its denominator the likelihood of
/// the bound. The ratio is equivalent to a product of bets against the bound.
///
/// @param count requests, at least 0
/// @param failures failed requests, at most `count`
/// @param error probability that either bound is ever wrong, between 0 and 1
public record RateBounds(long count, long failures, double error) {

    private static final int GRID = 24;
    private static final double RATIO = 1.5;
    private static final int HALVINGS = 60;

    /// Validates the numbers.
    public RateBounds {
        if (count < 0 || failures < 0 || failures > count || !(error > 0 && error < 1)) {
            throw new IllegalArgumentException("failures must be from 0 to the count, the error between 0 and 1, got "
                    + failures + " of " + count + ", error " + error);
        }
    }

    /// The lower bound on the rate.
    ///
    /// @return at least 0
    public double lower() {
        return count == 0 ? 0 : bisect(this::logAbove, false);
    }

    /// The upper bound on the rate.
    ///
    /// @return at most 1
    public double upper() {
        return count == 0 ? 1 : bisect(this::logBelow, true);
    }

    private double bisect(DoubleUnaryOperator evidence, boolean upwards) {
        double inside = (double) failures / count;
        double outside = upwards ? 1 : 0;
        for (int i = 0; i < HALVINGS; i++) {
            double middle = (inside + outside) / 2;
            if (evidence.applyAsDouble(middle) < -Math.log(error / 2)) {
                inside = middle;
            } else {
                outside = middle;
            }
        }
        return outside;
    }

    /// The logarithm of the evidence that the rate is below a value. The alternatives are rate · (1 − share), for each
    /// share of the grid.
    private double logBelow(double rate) {
        return mixture(share -> {
            double ratio = 1 - share;
            double failed = failures == 0 ? 0 : failures * Math.log(ratio);
            return failed + (count - failures) * Math.log((1 - rate * ratio) / (1 - rate));
        });
    }

    /// The logarithm of the evidence that the rate is above a value. The alternatives are rate + (1 − rate) · share,
    /// for each share of the grid.
    private double logAbove(double rate) {
        return mixture(share -> {
            double passed = failures == count ? 0 : (count - failures) * Math.log(1 - share);
            return failures * Math.log((rate + (1 - rate) * share) / rate) + passed;
        });
    }

    /// The logarithm of the mean ratio over the grid of shares 1, 1/1.5, 1/1.5² and so on.
    private static double mixture(DoubleUnaryOperator logRatio) {
        double[] logs = new double[GRID];
        double highest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < GRID; i++) {
            logs[i] = logRatio.applyAsDouble(Math.pow(RATIO, -i));
            highest = Math.max(highest, logs[i]);
        }
        if (Double.isInfinite(highest)) {
            return highest;
        }
        double sum = 0;
        for (double log : logs) {
            sum += Math.exp(log - highest);
        }
        return highest + Math.log(sum / GRID);
    }
}
