package dev.saiki.cli.study;

import dev.saiki.cli.terminal.Console;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.cli.training.TrainingDisplay;
import dev.saiki.study.StudyListener;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyProgress;
import dev.saiki.train.TrainingListener;
import java.time.Duration;
import java.time.InstantSource;

/// The display of a study on standard error: one line per run, and a {@link TrainingDisplay} for each training.
public final class StudyDisplay implements StudyListener, AutoCloseable {

    private final Console console;
    private final InstantSource clock;
    private final long startMillis;
    private TrainingDisplay training;
    private volatile String current = "step";

    public StudyDisplay(Console console, InstantSource clock) {
        this.console = console;
        this.clock = clock;
        this.startMillis = clock.millis();
        this.training = new TrainingDisplay(console, clock);
    }

    @Override
    public void onMessage(String message) {
        print(message);
    }

    @Override
    public TrainingListener onTraining(String run) {
        training.close();
        training = new TrainingDisplay(console, clock, run);
        return training;
    }

    @Override
    public void onMeasuring(String run) {
        print("measuring " + run);
        current = "measurement of " + run + ", which can take minutes";
    }

    /// Returns a stop request that also prints what it waits for, since the work under way can take minutes
    /// to end.
    ///
    /// @param requestStop the action that asks the work to stop
    /// @return an action that prints what the stop waits for and then requests the stop; may be called on any
    ///     thread
    public Runnable announcing(Runnable requestStop) {
        return () -> {
            console.err().print(NumberFormats.text("%nstopping after the current %s%n", current));
            console.err().flush();
            requestStop.run();
        };
    }

    @Override
    public void onRun(RunResult run, StudyProgress progress) {
        current = "step";
        String left = progress.secondsLeft()
                .map(seconds ->
                        ", " + NumberFormats.duration(Math.round(seconds)) + " of training left, plus measuring")
                .orElse("");
        print(NumberFormats.text(
                "%s: NLL %.4f ± %.4f, mean depth %.2f, %s tokens/s; %d of %d runs%s",
                run.id(),
                run.heldOut().nll(),
                run.heldOut().standardError(),
                run.heldOut().meanDepth(),
                NumberFormats.count(Math.round(run.training().tokensPerSecond())),
                progress.finishedRuns(),
                progress.plannedRuns(),
                left));
    }

    private void print(String message) {
        training.close();
        long seconds = Duration.ofMillis(clock.millis() - startMillis).toSeconds();
        console.err().print(NumberFormats.text("[%d:%02d] %s%n", seconds / 60, seconds % 60, message));
        console.err().flush();
    }

    @Override
    public void close() {
        training.close();
    }
}
