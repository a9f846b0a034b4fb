package dev.saiki.train;

import dev.saiki.tensor.ProcessGroup;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Path;

/// A run as each part of a session sees it: what is trained, from where, into which folder.
///
/// @param recipe the recipe
/// @param inputs data, tokenizer and model
/// @param folder the folder of the run
/// @param plan the start and the learning rate
/// @param listener follows the run
/// @param environment the clock and the other processes
record TrainingRun(
        Recipe recipe,
        RunInputs inputs,
        RunDirectory folder,
        TrainingPlan plan,
        TrainingListener listener,
        Trainer.Environment environment) {

    ProcessGroup group() {
        return environment.group();
    }

    long totalSteps() {
        return plan.schedule().totalSteps();
    }

    /// A write to the folder of the run.
    interface Write {
        void run() throws IOException;
    }

    /// Writes something; a failure, usually a full disk, names the file, the step and the way on.
    static void write(Path target, long step, Write action) throws IOException {
        try {
            action.run();
        } catch (IOException e) {
            throw new IOException(
                    target + ": could not be written at step " + step + " (" + e.getMessage()
                            + "); what was saved before is unharmed: free some space and continue with --resume",
                    e);
        }
    }
}
