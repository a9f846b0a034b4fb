package dev.saiki.study;

import dev.saiki.eval.Median;
import dev.saiki.train.metrics.MetricNames;
import dev.saiki.train.metrics.MetricsLine;
import dev.saiki.train.metrics.MetricsLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The figures in the log of a training.
///
/// @param steps steps of the whole training
/// @param tokens number of training tokens
/// @param forwardFlops forward FLOPs spent
/// @param loggedSteps number of steps that this run took itself, without those of the run that it branched
///     off from
/// @param seconds duration of the logged steps in seconds
/// @param tokensPerSecond median speed over the lines of the log; 0 if none has a speed
/// @param curve validation losses during training
public record TrainingLog(
        long steps,
        long tokens,
        double forwardFlops,
        long loggedSteps,
        double seconds,
        double tokensPerSecond,
        List<Validation> curve) {

    /// Copies the list.
    public TrainingLog {
        curve = List.copyOf(curve);
    }

    /// A validation during training.
    ///
    /// @param step steps taken
    /// @param tokens number of training tokens so far
    /// @param forwardFlops forward FLOPs spent so far
    /// @param nll loss on held-out rows, nats per token
    /// @param standardError standard error of the loss over rows; NaN if it was not logged
    public record Validation(long step, long tokens, double forwardFlops, double nll, double standardError) {}

    /// Reads the log of a training that started at its first step.
    ///
    /// @param folder the run's folder
    /// @return the figures of the log; all zero if there is no log
    /// @throws IOException if the log cannot be read
    public static TrainingLog read(Path folder) throws IOException {
        return read(folder, 0, 0);
    }

    /// Reads the log of a finished training.
    ///
    /// @param folder the run's folder
    /// @param firstStep the step after which the run started: 0, or its branch point
    /// @param tokensPerStep training tokens per global batch
    /// @return the figures of the log
    /// @throws IOException if the log cannot be read
    public static TrainingLog read(Path folder, long firstStep, long tokensPerStep) throws IOException {
        long tokens = firstStep * tokensPerStep;
        long steps = firstStep;
        double seconds = 0;
        double flops = 0;
        List<Double> speeds = new ArrayList<>();
        List<Validation> curve = new ArrayList<>();
        for (MetricsLine line : MetricsLog.read(folder.resolve(MetricsLog.FILE_NAME))) {
            long seen = (long) value(line, MetricNames.TOKENS_SEEN);
            flops = value(line, MetricNames.FORWARD_FLOPS);
            double speed = value(line, MetricNames.TOKENS_PER_SECOND);
            if (speed > 0) {
                seconds += (seen - tokens) / speed;
                speeds.add(speed);
            }
            tokens = seen;
            steps = line.step();
            double loss = value(line, MetricNames.VALIDATION_LOSS);
            // The first line describes the model before training.
            if (!Double.isNaN(loss) && steps > firstStep) {
                double error = value(line, MetricNames.VALIDATION_STANDARD_ERROR);
                curve.add(new Validation(steps, tokens, flops, loss, error));
            }
        }
        return new TrainingLog(
                steps,
                tokens,
                flops,
                steps - firstStep,
                seconds,
                speeds.isEmpty() ? 0 : Median.of(speeds, Double::doubleValue),
                curve);
    }

    private static double value(MetricsLine line, String name) {
        return line.values().getOrDefault(name, Double.NaN);
    }
}
