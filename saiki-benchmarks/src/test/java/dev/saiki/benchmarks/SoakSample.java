package dev.saiki.benchmarks;

import dev.saiki.eval.Median;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/// The state of a server at one moment of a soak test.
///
/// @param seconds since the load began
/// @param figures the statistics of the server's process
/// @param answered answers since the previous sample
/// @param p50 median latency of those answers, in milliseconds from the scheduled time of a request
/// @param p95 95th percentile of the same latencies
record SoakSample(double seconds, ProcessStatistics figures, long answered, double p50, double p95) {

    private static final int PARTS = 5;

    /// The limits exceed random variation at idle, such as pages kept by a compiler and an allocator; a leak
    /// exceeds the limits.
    private static final double MAX_MEMORY_GROWTH = 0.03;

    private static final double MAX_THREADS_MORE = 4;
    private static final double MAX_HANDLES_MORE = 8;

    /// At four fifths of the capacity, the length of the queue varies at random.
    private static final double MAX_TIME_GROWTH = 1;

    /// Compares the last fifth of the samples with the first one.
    ///
    /// @param samples in order, at least one per fifth
    /// @return the values that grew, one per line
    static List<String> grown(List<SoakSample> samples) {
        if (samples.size() < PARTS) {
            throw new IllegalArgumentException("needs " + PARTS + " samples, got " + samples.size());
        }
        int part = samples.size() / PARTS;
        List<SoakSample> first = samples.subList(0, part);
        List<SoakSample> last = samples.subList(samples.size() - part, samples.size());
        List<Optional<String>> all = new ArrayList<>();
        all.add(share("resident bytes", first, last, s -> s.figures().residentBytes(), MAX_MEMORY_GROWTH));
        all.add(more("threads", first, last, s -> s.figures().threads(), MAX_THREADS_MORE));
        all.add(more("file handles", first, last, s -> s.figures().handles(), MAX_HANDLES_MORE));
        all.add(share("milliseconds at p50", first, last, SoakSample::p50, MAX_TIME_GROWTH));
        all.add(share("milliseconds at p95", first, last, SoakSample::p95, MAX_TIME_GROWTH));
        return all.stream().flatMap(Optional::stream).toList();
    }

    private static Optional<String> share(
            String what,
            List<SoakSample> first,
            List<SoakSample> last,
            ToDoubleFunction<SoakSample> figure,
            double most) {
        double before = Median.of(first, figure);
        double after = Median.of(last, figure);
        return after <= before * (1 + most) ? Optional.empty() : Optional.of(line(what, before, after));
    }

    private static Optional<String> more(
            String what,
            List<SoakSample> first,
            List<SoakSample> last,
            ToDoubleFunction<SoakSample> figure,
            double most) {
        double before = first.stream().mapToDouble(figure).min().orElseThrow();
        double after = last.stream().mapToDouble(figure).min().orElseThrow();
        return after <= before + most ? Optional.empty() : Optional.of(line(what, before, after));
    }

    private static String line(String what, double before, double after) {
        return String.format(
                Locale.ROOT, "%s grew from %.6g in the first fifth to %.6g in the last", what, before, after);
    }
}
