package dev.saiki.eval;

import dev.saiki.io.AtomicFiles;
import dev.saiki.train.StepReport;
import dev.saiki.train.Trainer;
import dev.saiki.train.TrainingListener;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Times some training steps of a recipe, by the trainer that will do the work.
public final class StepTimer {

    /// Steps taken before the clock starts: the first ones allocate memory and compile code. A recipe to be
    /// timed needs more steps than these.
    public static final int UNTIMED_STEPS = 10;

    /// Steps that are timed, however long they take.
    private static final int LEAST_TIMED_STEPS = 4;

    private final Path scratch;
    private final LongSupplier nanoTime;

    /// Makes a timer.
    ///
    /// @param scratch a folder that is made, and removed again
    /// @param nanoTime the clock, in nanoseconds
    public StepTimer(Path scratch, LongSupplier nanoTime) {
        this.scratch = scratch;
        this.nanoTime = nanoTime;
    }

    /// Trains and times.
    ///
    /// @param recipe what to train; its steps beyond the untimed ones are timed
    /// @param longest seconds after which no further step is taken, if a few have been
    /// @return seconds a step
    /// @throws dev.saiki.io.InputException if the recipe or its data cannot be used
    /// @throws IOException if the scratch folder cannot be written
    public double secondsPerStep(Recipe recipe, double longest) throws IOException {
        AtomicFiles.deleteRecursively(scratch);
        Watch watch = new Watch(longest);
        Trainer trainer = new Trainer(recipe, scratch, watch);
        watch.trainer = trainer;
        trainer.run(false);
        AtomicFiles.deleteRecursively(scratch);
        return watch.seconds() / watch.steps;
    }

    /// Times steps and ends the run when there were enough.
    private final class Watch implements TrainingListener {
        private final double longest;
        private @Nullable Trainer trainer;
        private long first;
        private long last;
        private long steps;

        Watch(double longest) {
            this.longest = longest;
        }

        @Override
        public void onStep(StepReport report) {
            last = nanoTime.getAsLong();
            if (report.step() <= UNTIMED_STEPS) {
                first = last;
                return;
            }
            steps = report.step() - UNTIMED_STEPS;
            if (steps >= LEAST_TIMED_STEPS && seconds() > longest && trainer != null) {
                trainer.requestStop();
            }
        }

        private double seconds() {
            return Math.max(1, last - first) / (double) TimeUnit.SECONDS.toNanos(1);
        }
    }
}
