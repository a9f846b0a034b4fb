package dev.saiki.study;

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

/// A timer of a recipe's training steps, which runs them with the study's own trainer.
///
/// @param scratch a folder to create, and to remove at the end
/// @param nanoTime the clock, in nanoseconds
public record StepTimer(Path scratch, LongSupplier nanoTime) {

    /// Number of steps in a recipe for timing; timing always ends earlier.
    public static final int MAX_STEPS = 2000;

    /// Minimum number of steps before the clock starts: in the first steps memory is allocated and Java compiles
    /// code.
    private static final int UNTIMED_STEPS = 10;

    /// Minimum number of seconds before the clock starts.
    private static final double UNTIMED_SECONDS = 1.5;

    /// Minimum number of timed steps, however long they take. Timing can end before its time is up: as soon as at
    /// least {@link #ENOUGH_STEPS} steps were timed, and together took more than {@link #ENOUGH_SECONDS} seconds.
    private static final int MIN_TIMED_STEPS = 4;

    private static final int ENOUGH_STEPS = 20;
    private static final double ENOUGH_SECONDS = 1;

    /// Runs and times the training.
    ///
    /// @param recipe the recipe of the training to time, of {@link #MAX_STEPS} steps
    /// @param longest the time limit in seconds, counted from the first timed step; at least the minimum number
    ///     of steps is timed even if this takes longer
    /// @return seconds per step
    /// @throws dev.saiki.io.InputException if the recipe or its data cannot be used
    /// @throws IOException if the scratch folder cannot be written
    public double secondsPerStep(Recipe recipe, double longest) throws IOException {
        AtomicFiles.deleteRecursively(scratch);
        TimingListener watch = new TimingListener(longest);
        Trainer trainer = new Trainer(recipe, scratch, watch);
        watch.trainer = trainer;
        trainer.run(false);
        AtomicFiles.deleteRecursively(scratch);
        return watch.seconds() / watch.steps;
    }

    /// A listener that times steps and ends the run after enough of them.
    private final class TimingListener implements TrainingListener {
        private final double longest;
        private final long start = nanoTime.getAsLong();
        private @Nullable Trainer trainer;
        private long first;
        private long last;
        private long untimed;
        private long steps;

        TimingListener(double longest) {
            this.longest = longest;
        }

        @Override
        public void onStep(StepReport report) {
            last = nanoTime.getAsLong();
            if (untimed == 0 || report.step() <= UNTIMED_STEPS || seconds(first - start) < UNTIMED_SECONDS) {
                first = last;
                untimed = report.step();
                return;
            }
            steps = report.step() - untimed;
            boolean isEnough = steps >= ENOUGH_STEPS && seconds() > ENOUGH_SECONDS;
            if (trainer != null && steps >= MIN_TIMED_STEPS && (isEnough || seconds() > longest)) {
                trainer.requestStop();
            }
        }

        private double seconds() {
            return seconds(Math.max(1, last - first));
        }

        private static double seconds(long nanos) {
            return nanos / (double) TimeUnit.SECONDS.toNanos(1);
        }
    }
}
