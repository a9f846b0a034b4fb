package dev.saiki.server.metrics;

import dev.saiki.engine.EngineStatistics;
import dev.saiki.engine.SequenceStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;

/// The last hour of a server, second by second, kept in memory for the charts of the server's pages.
///
/// Thread-safe.
public final class ActivityHistory {

    /// Time between two samples.
    public static final Duration INTERVAL = Duration.ofSeconds(1);

    private static final int MAX_SAMPLES = 3600;

    private final Deque<Sample> samples = new ArrayDeque<>();

    /// A sample of the engine and of completed requests. Counters are cumulative, so that the increase between any
    /// two samples can be computed.
    ///
    /// @param time the time of the sample
    /// @param statistics the statistics of the engine
    /// @param pagesOfStep the cache pages that running sequences hold at each recursion step
    /// @param answered the cost of the completed requests
    public record Sample(Instant time, EngineStatistics statistics, List<Integer> pagesOfStep, Answered answered) {

        /// Copies the list.
        public Sample {
            pagesOfStep = List.copyOf(pagesOfStep);
        }

        static Sample of(Instant time, EngineStatistics statistics, List<SequenceStatus> sequences, Answered answered) {
            List<Integer> pages = IntStream.range(0, statistics.stepTokens().size())
                    .map(step -> pagesOf(step, sequences))
                    .boxed()
                    .toList();
            return new Sample(time, statistics, pages, answered);
        }
    }

    /// The cost of the completed requests.
    ///
    /// @param flops the FLOPs of all answers
    /// @param flopsSaved the additional FLOPs that full depth would have taken
    /// @param firstToken the time to the first token, over the last half minute
    /// @param furtherToken the time per further token, over the last half minute
    public record Answered(
            long flops, long flopsSaved, LatencyWindow.Latency firstToken, LatencyWindow.Latency furtherToken) {}

    ActivityHistory() {}

    /// The cache pages that sequences hold at a recursion step; 0 if the step shares the pages of the first step.
    static int pagesOf(int step, List<SequenceStatus> sequences) {
        return sequences.stream()
                .map(SequenceStatus::pagesOfStep)
                .filter(held -> step < held.size())
                .mapToInt(held -> held.get(step))
                .sum();
    }

    synchronized void add(Sample sample) {
        samples.addLast(sample);
        if (samples.size() > MAX_SAMPLES) {
            samples.removeFirst();
        }
    }

    /// Returns the samples after an instant.
    ///
    /// @param moment the instant; only later samples are returned
    /// @return the samples, with the oldest first
    public synchronized List<Sample> after(Instant moment) {
        return samples.stream().filter(sample -> sample.time().isAfter(moment)).toList();
    }
}
