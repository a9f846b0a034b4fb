package dev.saiki.server.metrics;

import dev.saiki.engine.EngineStatistics;
import dev.saiki.engine.RouterHealth;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// The last hour of a router, kept in memory for the charts of the router's page.
///
/// Thread-safe.
public final class RouterHistory {

    /// Time between two samples.
    public static final Duration INTERVAL = Duration.ofSeconds(10);

    private static final int MAX_SAMPLES = 360;

    private final Deque<Sample> samples = new ArrayDeque<>();

    /// A sample of the engine.
    ///
    /// @param time the time of the sample
    /// @param running the number of running sequences
    /// @param waiting the number of waiting requests
    /// @param cacheUsage the share of the cache pages that is in use
    /// @param tokensWritten the number of tokens sampled since the engine was opened
    /// @param rowsPerRun the mean batch size of each stage since the engine was opened: entry, recursion,
    ///     exit
    /// @param router the router's state
    public record Sample(
            Instant time,
            int running,
            int waiting,
            double cacheUsage,
            long tokensWritten,
            List<Double> rowsPerRun,
            RouterHealth router) {

        /// Copies the list.
        public Sample {
            rowsPerRun = List.copyOf(rowsPerRun);
        }

        static Sample of(EngineStatistics statistics, Instant time) {
            return new Sample(
                    time,
                    statistics.running(),
                    statistics.waiting(),
                    statistics.cache().usage(),
                    statistics.tokensWritten(),
                    statistics.stages().stream()
                            .map(EngineStatistics.Stage::rowsPerRun)
                            .toList(),
                    statistics.router().brief());
        }
    }

    RouterHistory() {}

    synchronized void add(Sample sample) {
        samples.addLast(sample);
        if (samples.size() > MAX_SAMPLES) {
            samples.removeFirst();
        }
    }

    /// Returns the history.
    ///
    /// @return the samples, with the oldest first
    public synchronized List<Sample> samples() {
        return List.copyOf(samples);
    }
}
