package dev.saiki.train;

import dev.saiki.tensor.ProcessGroup;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Path;

/// The context of a run that all parts of a session share: the inputs, the plan and the folder.
///
/// @param recipe the recipe
/// @param inputs data, tokenizer and model
/// @param folder the folder of the run
/// @param plan the starting point and the learning rate schedule
/// @param listener receives the progress of the run
/// @param environment the processes of the run
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

    /// Runs a write. If the write fails, usually because the disk is full, the exception names the file, the step
    /// and how to continue.
    static void write(Path target, long step, Write action) throws IOException {
        try {
            action.run();
        } catch (IOException e) {
            throw new IOException(
                    target + ": could not be written at step " + step + " (" + e.getMessage()
                            + "); earlier saves are intact. Free some space and continue with --resume",
                    e);
        }
    }
}
