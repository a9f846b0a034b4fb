package dev.saiki.evidence;

import java.util.Map;
import java.util.TreeMap;

/// A histogram of latencies with bins one percent wide.
///
/// HdrHistogram was rejected, because its state is stored in a binary form.
///
/// Not thread-safe.
final class LatencyHistogram {

    private static final double WIDTH = Math.log(1.01);

    /// The latency in seconds below which all latencies share one bin.
    private static final double SHORTEST = 1e-6;

    private final TreeMap<Integer, Long> bins;
    private long count;

    /// Creates a histogram, or resumes a stored one.
    ///
    /// @param bins the result of {@link #bins}; empty for a new histogram
    LatencyHistogram(Map<Integer, Long> bins) {
        this.bins = new TreeMap<>(bins);
        this.count = bins.values().stream().mapToLong(Long::longValue).sum();
    }

    /// Returns the state for resuming.
    ///
    /// @return the number of latencies by bin
    Map<Integer, Long> bins() {
        return Map.copyOf(bins);
    }

    /// Returns the number of latencies.
    ///
    /// @return the number of latencies
    long count() {
        return count;
    }

    /// Adds a latency.
    ///
    /// @param seconds the latency, at least 0; infinite for an answer that never arrived
    void observe(double seconds) {
        if (!(seconds >= 0)) {
            throw new IllegalArgumentException("a latency must be at least 0 s, got " + seconds);
        }
        bins.merge(bin(seconds), 1L, Long::sum);
        count++;
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

    private static int bin(double seconds) {
        return Double.isInfinite(seconds)
                ? Integer.MAX_VALUE
                : (int) Math.ceil(Math.log(Math.max(seconds, SHORTEST) / SHORTEST) / WIDTH);
    }

    private static double upperEdge(int bin) {
        return bin == Integer.MAX_VALUE ? Double.POSITIVE_INFINITY : SHORTEST * Math.exp(bin * WIDTH);
    }
}
