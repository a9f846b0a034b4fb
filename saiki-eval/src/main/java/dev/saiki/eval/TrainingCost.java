package dev.saiki.eval;

import dev.saiki.train.metrics.MetricNames;
import dev.saiki.train.metrics.MetricsLine;
import dev.saiki.train.metrics.MetricsLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What a training cost, read from the log of its run.
///
/// @param steps steps taken
/// @param tokens tokens trained on, repeats counted
/// @param forwardFlops forward FLOPs spent
/// @param seconds seconds that the steps took
/// @param curve validation losses on the way
public record TrainingCost(long steps, long tokens, double forwardFlops, double seconds, List<Validation> curve) {

    /// Keeps its own copy of the list.
    public TrainingCost {
        curve = List.copyOf(curve);
    }

    /// A validation while training.
    ///
    /// @param step steps taken
    /// @param tokens tokens trained on so far
    /// @param forwardFlops forward FLOPs spent so far
    /// @param nll loss on some held-out rows, nats per token
    /// @param standardError its standard error over rows; NaN if it was not logged
    public record Validation(long step, long tokens, double forwardFlops, double nll, double standardError) {}

    /// Reads the log of a run.
    ///
    /// @param folder the run's folder
    /// @return what it says; zeros without a log
    /// @throws IOException if it cannot be read
    public static TrainingCost of(Path folder) throws IOException {
        long tokens = 0;
        double seconds = 0;
        double flops = 0;
        long steps = 0;
        List<Validation> curve = new ArrayList<>();
        for (MetricsLine line : MetricsLog.read(folder.resolve(MetricsLog.FILE_NAME))) {
            long seen = (long) value(line, MetricNames.TOKENS_SEEN);
            flops = value(line, MetricNames.FORWARD_FLOPS);
            double speed = value(line, MetricNames.TOKENS_PER_SECOND);
            seconds += speed > 0 ? (seen - tokens) / speed : 0;
            tokens = seen;
            steps = line.step();
            double loss = value(line, MetricNames.VALIDATION_LOSS);
            if (!Double.isNaN(loss)) {
                curve.add(
                        new Validation(steps, tokens, flops, loss, value(line, MetricNames.VALIDATION_STANDARD_ERROR)));
            }
        }
        return new TrainingCost(steps, tokens, flops, seconds, curve);
    }

    private static double value(MetricsLine line, String name) {
        return line.values().getOrDefault(name, Double.NaN);
    }
}
