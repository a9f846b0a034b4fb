package dev.saiki.eval.pilot;

import dev.saiki.train.StepReport;
import dev.saiki.train.Trainer;
import dev.saiki.train.TrainingListener;
import dev.saiki.train.TrainingOutcome;
import dev.saiki.train.TrainingStart;
import dev.saiki.train.ValidationReport;
import dev.saiki.train.metrics.MetricNames;
import dev.saiki.train.metrics.MetricsLine;
import dev.saiki.train.metrics.MetricsLog;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The training of one model, and what its log says afterwards.
final class PilotTraining {

    /// The resolved recipe, which a run writes first of all.
    private static final String RECIPE_FILE = "recipe.resolved.yaml";

    private PilotTraining() {}

    /// Makes the trainer of a model, which tells the pilot's listener what happens.
    static Trainer trainer(PilotFamily family, Recipe recipe, Path folder, PilotListener listener) {
        return new Trainer(recipe, folder, new Forwarding(family.title(), listener));
    }

    /// Trains, or goes on training.
    static TrainingOutcome run(Trainer trainer, Path folder) throws IOException {
        return trainer.run(Files.exists(folder.resolve(RECIPE_FILE)));
    }

    /// What a finished training cost.
    ///
    /// @param steps steps taken
    /// @param tokens tokens trained on
    /// @param forwardFlops forward FLOPs spent
    /// @param seconds seconds that the steps took
    /// @param curve validation losses on the way
    record Cost(long steps, long tokens, double forwardFlops, double seconds, List<PilotResult.CurvePoint> curve) {
        Cost {
            curve = List.copyOf(curve);
        }
    }

    /// Reads the log of a finished training.
    static Cost cost(Path folder) throws IOException {
        long tokens = 0;
        double seconds = 0;
        double flops = 0;
        long steps = 0;
        List<PilotResult.CurvePoint> curve = new ArrayList<>();
        for (MetricsLine line : MetricsLog.read(folder.resolve(MetricsLog.FILE_NAME))) {
            long seen = (long) value(line, MetricNames.TOKENS_SEEN);
            flops = value(line, MetricNames.FORWARD_FLOPS);
            double speed = value(line, MetricNames.TOKENS_PER_SECOND);
            seconds += speed > 0 ? (seen - tokens) / speed : 0;
            tokens = seen;
            steps = line.step();
            double loss = value(line, MetricNames.VALIDATION_LOSS);
            if (!Double.isNaN(loss)) {
                curve.add(new PilotResult.CurvePoint(steps, tokens, flops, loss));
            }
        }
        return new Cost(steps, tokens, flops, seconds, curve);
    }

    private static double value(MetricsLine line, String name) {
        return line.values().getOrDefault(name, Double.NaN);
    }

    /// Adds the model's name to what a trainer tells.
    private record Forwarding(String model, PilotListener listener) implements TrainingListener {
        @Override
        public void onStart(TrainingStart start) {
            listener.onTrainingStart(model, start);
        }

        @Override
        public void onWarning(String message) {
            listener.onWarning(model + ": " + message);
        }

        @Override
        public void onStep(StepReport report) {
            listener.onStep(model, report);
        }

        @Override
        public void onValidation(ValidationReport report) {
            listener.onValidation(model, report);
        }
    }
}
