package dev.saiki.evidence;

import java.util.Map;
import java.util.TreeMap;

/// A histogram of latencies with bins one percent wide, and time-uniform bounds on its quantiles.
///
/// With q the quantile, no more than its share of the latencies is expected below it, and no less up to it;
/// so a value is a bound once the number of latencies up to it speaks against that share ({@link
/// RateBounds}). Nothing is assumed of how latencies are distributed, but that they stay the same.
///
/// HdrHistogram was weighed: it says nothing of bounds, and its counts would have to be stored as bytes.
///
/// Not safe for several threads.
public final class LatencyHistogram {

    private static final double WIDTH = Math.log(1.01);

    /// Shorter latencies are all the same.
    private static final double SHORTEST = 1e-6;

    private final TreeMap<Integer, Long> bins;
    private long count;

    /// Goes on.
    ///
    /// @param bins what {@link #bins} gave; empty for a new one
    public LatencyHistogram(Map<Integer, Long> bins) {
        this.bins = new TreeMap<>(bins);
        this.count = bins.values().stream().mapToLong(Long::longValue).sum();
    }

    /// Bounds on a quantile.
    ///
    /// @param low what it stays above, in seconds; 0 where nothing is known
    /// @param high what it stays below, in seconds; infinite where nothing is known
    public record Bounds(double low, double high) {}

    /// Returns all that is needed to go on.
    ///
    /// @return number of latencies by bin
    public Map<Integer, Long> bins() {
        return Map.copyOf(bins);
    }

    /// Returns how many latencies there are.
    ///
    /// @return their number
    public long count() {
        return count;
    }

    /// Takes a latency.
    ///
    /// @param seconds at least 0; infinite for an answer that never came
    public void observe(double seconds) {
        if (!(seconds >= 0)) {
            throw new IllegalArgumentException("a latency must be at least 0 s, got " + seconds);
        }
        bins.merge(bin(seconds), 1L, Long::sum);
        count++;
    }

    /// Bounds a quantile.
    ///
    /// @param share of the latencies that are up to it, between 0 and 1
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

    /// The quantile as it was seen.
    ///
    /// @return seconds, at the upper edge of its bin; not a number where nothing was observed
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

    /// How many latencies are in bins above the one that a time falls into.
    long surelyAbove(double seconds) {
        return sum(bins.tailMap(bin(seconds), false));
    }

    /// How many latencies are in those bins, or in its own.
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
