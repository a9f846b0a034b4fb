package dev.saiki.train;

import dev.saiki.io.AtomicFiles;
import dev.saiki.model.TrainingObjective;
import dev.saiki.tensor.ProcessGroup;
import dev.saiki.tensor.TorchRuntime;
import dev.saiki.train.metrics.EventFileWriter;
import dev.saiki.train.metrics.MetricNames;
import dev.saiki.train.metrics.MetricsLine;
import dev.saiki.train.metrics.MetricsLog;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// The log of a run's steps: `metrics.jsonl`, and a TensorBoard event file with the same lines.
///
/// An event file cannot be truncated at a step, so a resumed run writes a new one from the lines that remain in
/// `metrics.jsonl`.
final class RunLog implements AutoCloseable {

    private final @Nullable MetricsLog log;
    private final @Nullable EventFileWriter events;
    private final Recipe recipe;
    private double peakResidentBytes;

    private RunLog(@Nullable MetricsLog log, @Nullable EventFileWriter events, Recipe recipe) {
        this.log = log;
        this.events = events;
        this.recipe = recipe;
    }

    /// Opens the log of a run that starts or continues at a step; in a run of several processes, only the
    /// first one writes the log.
    static RunLog open(RunDirectory folder, long step, Recipe recipe, ProcessGroup group) throws IOException {
        if (!group.isFirst()) {
            return new RunLog(null, null, recipe);
        }
        MetricsLog log = MetricsLog.open(folder.metrics(), step);
        try {
            AtomicFiles.deleteRecursively(folder.tensorboard());
            @Nullable EventFileWriter events = recipe.metrics().tensorboard() ? replay(folder) : null;
            return new RunLog(log, events, recipe);
        } catch (IOException | RuntimeException e) {
            log.close();
            throw e;
        }
    }

    /// Writes the line of step 0: the scores of the starting model.
    void appendBase(ValidationReport report) throws IOException {
        SequencedMap<String, Double> values = new LinkedHashMap<>();
        values.put(MetricNames.TOKENS_SEEN, 0.0);
        values.putAll(report.metrics());
        append(new MetricsLine(report.step(), seconds(), values));
    }

    private void append(MetricsLine line) throws IOException {
        if (log != null) {
            log.append(line);
        }
        if (events != null) {
            events.append(line);
        }
    }

    /// Writes the line of a step.
    void append(
            RunState state,
            StepResult result,
            double learningRate,
            double tokensPerSecond,
            Optional<ValidationReport> validation)
            throws IOException {
        if (log == null) {
            return;
        }
        SequencedMap<String, Double> values = new LinkedHashMap<>();
        putLosses(values, result);
        values.put(MetricNames.TOKENS_SEEN, (double) state.tokensSeen());
        if (recipe.data().conversations().isEmpty()) { // FLOPs per token vary between conversations.
            values.put(MetricNames.FORWARD_FLOPS, recipe.forwardFlops(state.depths(), state.step()));
        }
        if (state.depths().hasSwitch()) {
            values.put(MetricNames.RECURSIONS, (double) state.depth());
        }
        values.put(MetricNames.LEARNING_RATE, learningRate);
        values.put(MetricNames.GRAD_NORM, result.gradNorm());
        if (recipe.stability().isOn()) {
            values.put(MetricNames.SPIKES, (double) state.spikes().spikes());
        }
        putRouting(values, result);
        validation.ifPresent(report -> values.putAll(report.metrics()));
        values.put(MetricNames.TOKENS_PER_SECOND, tokensPerSecond);
        putMemory(values);
        append(new MetricsLine(state.step(), seconds(), values));
    }

    /// Flushes all lines to disk.
    void force() throws IOException {
        if (log != null) {
            log.force();
        }
    }

    @Override
    public void close() throws IOException {
        try (log) {
            if (events != null) {
                events.close();
            }
        }
    }

    private static EventFileWriter replay(RunDirectory folder) throws IOException {
        List<MetricsLine> lines = MetricsLog.read(folder.metrics());
        double start = lines.isEmpty() ? seconds() : lines.getFirst().wallTime();
        EventFileWriter events = EventFileWriter.create(folder.tensorboard(), start);
        try {
            for (MetricsLine line : lines) {
                events.append(line);
            }
            return events;
        } catch (IOException | RuntimeException e) {
            events.close();
            throw e;
        }
    }

    private static double seconds() {
        return System.currentTimeMillis() / 1000.0;
    }

    /// Adds the values of the loss terms that the run uses.
    private void putLosses(SequencedMap<String, Double> values, StepResult result) {
        TrainingObjective objective = recipe.objective();
        values.put(MetricNames.CROSS_ENTROPY_LOSS, result.crossEntropyLoss());
        values.put(MetricNames.TEXT_LOSS, result.textLoss());
        values.put(MetricNames.TOTAL_LOSS, result.totalLoss());
        if (objective.supervision() == TrainingObjective.Supervision.AUXILIARY_LOSS) {
            values.put(MetricNames.AUXILIARY_LOSS, result.ofRouter().auxiliary());
        }
        if (objective.supervision() == TrainingObjective.Supervision.AUXILIARY_ROUTER) {
            values.put(MetricNames.AUXILIARY_ROUTER_LOSS, result.ofRouter().auxiliaryRouter());
        }
        if (objective.balancing() == TrainingObjective.Balancing.LOSS) {
            values.put(MetricNames.BALANCING_LOSS, result.ofRouter().balancing());
        }
        if (objective.routerZLossCoefficient() > 0) {
            values.put(MetricNames.ROUTER_Z_LOSS, result.ofRouter().routerZ());
        }
        values.put(MetricNames.TEACHER_LOSS, result.teacherLoss());
        result.fullDepth().ifPresent(measured -> {
            List<Double> losses = measured.crossEntropyLosses();
            for (int depth = 1; depth <= losses.size(); depth++) {
                values.put(MetricNames.LOSS_AT_DEPTH + depth, losses.get(depth - 1));
            }
            values.put(MetricNames.DISTILLATION_LOSS, measured.distillationLoss());
            values.put(MetricNames.ROUTER_GAIN_LOSS, measured.routerGainLoss());
            values.put(MetricNames.REJECTED_GAIN_LOSS, measured.rejectedGainLoss());
        });
    }

    private static void putRouting(SequencedMap<String, Double> values, StepResult result) {
        values.put(MetricNames.MEAN_RECURSION_DEPTH, result.routing().meanDepth());
        List<Double> shares = result.routing().shareOfTokens();
        for (int step = 0; step < shares.size(); step++) {
            values.put(MetricNames.CAPACITY_FACTOR + step, shares.get(step));
        }
        values.put(MetricNames.SAMPLING_ACCURACY, result.routing().samplingAccuracy());
        values.put(MetricNames.DEAD_TOKEN_RATIO, result.routing().deadTokenRatio());
        values.put(MetricNames.BALANCING_RATIO, result.routing().loadImbalance());
        values.put(MetricNames.ENTROPY, result.routing().entropy());
    }

    private void putMemory(SequencedMap<String, Double> values) {
        double resident = TorchRuntime.residentBytes();
        peakResidentBytes = Math.max(peakResidentBytes, resident);
        values.put(MetricNames.RESIDENT_BYTES, resident);
        values.put(MetricNames.PEAK_RESIDENT_BYTES, peakResidentBytes);
    }
}
