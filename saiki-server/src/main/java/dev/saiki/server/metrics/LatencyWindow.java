package dev.saiki.server.metrics;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/// The request latencies of the last half minute.
///
/// Thread-safe.
public final class LatencyWindow {

    private static final int SECONDS = 30;
    private static final int DIGITS = 2;
    private static final double MICROS = 1e6;

    private final Recorder newest = new Recorder(DIGITS);
    private final Deque<Histogram> seconds = new ArrayDeque<>();

    /// The median and the 95th percentile.
    ///
    /// @param median the median in seconds; NaN without requests
    /// @param p95 the 95th percentile in seconds; NaN without requests
    public record Latency(double median, double p95) {}

    LatencyWindow() {}

    void record(Duration time) {
        newest.recordValue(Math.max(0, time.toNanos() / 1000));
    }

    /// Ends the current second.
    ///
    /// @return the latencies over the last half minute
    synchronized Latency next() {
        seconds.addLast(newest.getIntervalHistogram());
        if (seconds.size() > SECONDS) {
            seconds.removeFirst();
        }
        Histogram all = new Histogram(DIGITS);
        seconds.forEach(all::add);
        return all.getTotalCount() == 0
                ? new Latency(Double.NaN, Double.NaN)
                : new Latency(all.getValueAtPercentile(50) / MICROS, all.getValueAtPercentile(95) / MICROS);
    }
}
