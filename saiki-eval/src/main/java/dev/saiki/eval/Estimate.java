package dev.saiki.eval;

import java.util.List;

/// A mean with its standard error.
///
/// @param mean the mean
/// @param standardError standard deviation of the mean over repeated measurements on other texts; NaN with
///     fewer than two clusters
/// @param clusters number of independent pieces of text that were measured
public record Estimate(double mean, double standardError, int clusters) {

    /// A piece of text that counts as one observation.
    ///
    /// @param tokens number of tokens in the piece
    /// @param sum sum of the measured quantity over the piece's tokens
    public record Cluster(long tokens, double sum) {}

    /// Estimates the mean of independent numbers with equal weights.
    ///
    /// @param numbers the numbers, at least one
    /// @return the mean of the numbers
    public static Estimate of(List<Double> numbers) {
        return overTokens(numbers.stream().map(number -> new Cluster(1, number)).toList());
    }

    /// Estimates the mean over all tokens from clusters of unequal size.
    ///
    /// Tokens of one text resemble each other, so the independent observations are the clusters, not the tokens.
    /// For m clusters, each with a sum s_c over n_c tokens, the mean is M = sum(s_c) / sum(n_c), and its variance
    /// follows by linearisation [1]: m / (m - 1) * sum((s_c - M n_c)^2) / sum(n_c)^2.
    ///
    /// [1] W. G. Cochran: Sampling Techniques, 3rd edition. Wiley 1977, section 2.11.
    ///
    /// @param clusters the clusters; at least one of them has a token
    /// @return the mean
    public static Estimate overTokens(List<Cluster> clusters) {
        long tokens = clusters.stream().mapToLong(Cluster::tokens).sum();
        if (tokens == 0) {
            throw new IllegalArgumentException("no tokens to average over");
        }
        double mean = clusters.stream().mapToDouble(Cluster::sum).sum() / tokens;
        double squares = 0;
        for (Cluster cluster : clusters) {
            double residual = cluster.sum() - mean * cluster.tokens();
            squares += residual * residual;
        }
        int count = clusters.size();
        double variance = count < 2 ? Double.NaN : squares * count / (count - 1.0) / tokens / tokens;
        return new Estimate(mean, Math.sqrt(variance), count);
    }

    /// Returns half the width of the interval that holds the true mean with a given confidence; it is
    /// computed from Student's t with m − 1 degrees of freedom for m clusters.
    ///
    /// @param confidence the confidence level in (0, 1), such as 0.95
    /// @return distance of the interval's ends from the mean; NaN with fewer than two clusters
    public double margin(double confidence) {
        return clusters < 2 ? Double.NaN : standardError * StudentT.quantile(0.5 + confidence / 2, clusters - 1);
    }
}
