package dev.saiki.eval.pilot;

import dev.saiki.train.StepReport;
import dev.saiki.train.Trainer;
import dev.saiki.train.TrainingListener;
import dev.saiki.train.TrainingOutcome;
import dev.saiki.train.TrainingStart;
import dev.saiki.train.ValidationReport;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The training of one model.
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
