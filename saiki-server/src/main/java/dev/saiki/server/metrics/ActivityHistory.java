package dev.saiki.server.metrics;

import dev.saiki.engine.EngineStatistics;
import dev.saiki.engine.SequenceStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;

/// The last hour of a server, second by second, in memory, for the charts of its pages.
///
/// Safe for any number of threads.
public final class ActivityHistory {

    /// Time between two samples.
    public static final Duration INTERVAL = Duration.ofSeconds(1);

    private static final int MOST_SAMPLES = 3600;

    private final Deque<Sample> samples = new ArrayDeque<>();

    /// A look at the engine and at what was answered. Counters stand as they are, so that what grew between any two
    /// samples can be told.
    ///
    /// @param time of it
    /// @param statistics of the engine
    /// @param pagesOfStep pages that the sequences at work hold, by recursion step
    /// @param answered what the requests took that have been answered
    public record Sample(Instant time, EngineStatistics statistics, List<Integer> pagesOfStep, Answered answered) {

        /// Keeps its own copy of the list.
        public Sample {
            pagesOfStep = List.copyOf(pagesOfStep);
        }

        static Sample of(Instant time, EngineStatistics statistics, List<SequenceStatus> sequences, Answered answered) {
            List<Integer> pages = IntStream.range(0, statistics.stepTokens().size())
                    .map(step -> sequences.stream()
                            .map(SequenceStatus::pagesOfStep)
                            .filter(held -> step < held.size())
                            .mapToInt(held -> held.get(step))
                            .sum())
                    .boxed()
                    .toList();
            return new Sample(time, statistics, pages, answered);
        }
    }

    /// The cost of the requests that have been answered.
    ///
    /// @param flops arithmetic of all answers
    /// @param flopsSaved what full depth would have taken beside that
    /// @param firstToken time to the first token, in the last half minute
    /// @param furtherToken time for each further token, in the last half minute
    public record Answered(
            long flops, long flopsSaved, LatencyWindow.Latency firstToken, LatencyWindow.Latency furtherToken) {}

    ActivityHistory() {}

    synchronized void add(Sample sample) {
        samples.addLast(sample);
        if (samples.size() > MOST_SAMPLES) {
            samples.removeFirst();
        }
    }

    /// Returns what came after a moment.
    ///
    /// @param moment that the samples are later than
    /// @return oldest first
    public synchronized List<Sample> after(Instant moment) {
        return samples.stream().filter(sample -> sample.time().isAfter(moment)).toList();
    }
}
