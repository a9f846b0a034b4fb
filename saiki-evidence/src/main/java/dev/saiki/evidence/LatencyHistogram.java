package dev.saiki.evidence;

import java.util.Map;
import java.util.TreeMap;

/// A histogram of latencies with bins one percent wide, and time-uniform bounds on its quantiles.
///
/// Let q be the quantile for a share p: in expectation, at most the share p of the latencies is below q, and at
/// least the share p is at or below q. So a value is a lower bound once the share of latencies at or below the
/// value is surely below p, and an upper bound once that share is surely above p ({@link RateBounds}). The
/// latencies may have any distribution, as long as it is constant.
///
/// HdrHistogram was rejected: it has no confidence bounds, and its state is stored in a binary form.
///
/// Not thread-safe.
public final class LatencyHistogram {

    private static final double WIDTH = Math.log(1.01);

    /// The latency in seconds below which all latencies share one bin.
    private static final double SHORTEST = 1e-6;

    private final TreeMap<Integer, Long> bins;
    private long count;

    /// Creates a histogram, or resumes a stored one.
    ///
    /// @param bins the result of {@link #bins}; empty for a new histogram
    public LatencyHistogram(Map<Integer, Long> bins) {
        this.bins = new TreeMap<>(bins);
        this.count = bins.values().stream().mapToLong(Long::longValue).sum();
    }

    /// The confidence bounds on a quantile.
    ///
    /// @param low lower bound in seconds; 0 if there is none yet
    /// @param high upper bound in seconds; infinite if there is none yet
    public record Bounds(double low, double high) {}

    /// Returns the state for resuming.
    ///
    /// @return the number of latencies by bin
    public Map<Integer, Long> bins() {
        return Map.copyOf(bins);
    }

    /// Returns the number of latencies.
    ///
    /// @return the number of latencies
    public long count() {
        return count;
    }

    /// Adds a latency.
    ///
    /// @param seconds the latency, at least 0; infinite for an answer that never arrived
    public void observe(double seconds) {
        if (!(seconds >= 0)) {
            throw new IllegalArgumentException("a latency must be at least 0 s, got " + seconds);
        }
        bins.merge(bin(seconds), 1L, Long::sum);
        count++;
    }

    /// Bounds a quantile.
    ///
    /// @param share quantile, as the share of latencies at or below it, between 0 and 1
    /// @param error probability that either bound is ever wrong
    /// @return the bounds
    public Bounds quantile(double share, double error) {
        if (!(share > 0 && share < 1)) {
            throw new IllegalArgumentException("a share must be between 0 and 1, got " + share);
        }
        RateBounds rates = new RateBounds(count, 0, error);
        double low = 0;
        double high = Double.POSITIVE_INFINITY;
        long upTo = 0;
        for (Map.Entry<Integer, Long> bin : bins.entrySet()) {
            upTo += bin.getValue();
            if (rates.isBelow(share, upTo)) {
                low = upperEdge(bin.getKey());
            }
            if (Double.isInfinite(high) && rates.isAbove(share, upTo)) {
                high = upperEdge(bin.getKey());
            }
        }
        return new Bounds(low, high);
    }

    /// The observed quantile.
    ///
    /// @return the quantile in seconds, at the upper edge of its bin; NaN without observations
    double quantile(double share) {
        long upTo = 0;
        for (Map.Entry<Integer, Long> bin : bins.entrySet()) {
            upTo += bin.getValue();
            if (upTo >= share * count) {
                return upperEdge(bin.getKey());
            }
        }
        return Double.NaN;
    }

    /// The number of latencies in the bins above the bin that contains a given time.
    long surelyAbove(double seconds) {
        return sum(bins.tailMap(bin(seconds), false));
    }

    /// The number of latencies in the bin that contains a given time and in all bins above it.
    long possiblyAbove(double seconds) {
        return sum(bins.tailMap(bin(seconds), true));
    }

    private static long sum(Map<Integer, Long> some) {
        return some.values().stream().mapToLong(Long::longValue).sum();
    }

    private static int bin(double seconds) {
        return Double.isInfinite(seconds)
                ? Integer.MAX_VALUE
                : (int) Math.ceil(Math.log(Math.max(seconds, SHORTEST) / SHORTEST) / WIDTH);
    }

    private static double upperEdge(int bin) {
        return bin == Integer.MAX_VALUE ? Double.POSITIVE_INFINITY : SHORTEST * Math.exp(bin * WIDTH);
    }
}
