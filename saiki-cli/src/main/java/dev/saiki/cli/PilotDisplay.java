package dev.saiki.cli;

import dev.saiki.eval.pilot.PilotListener;
import dev.saiki.eval.pilot.PilotPhase;
import dev.saiki.train.StepReport;
import dev.saiki.train.TrainingStart;
import dev.saiki.train.ValidationReport;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;

/// Shows a pilot on standard error: a line for each phase, and each training as {@link TrainingDisplay} does.
final class PilotDisplay implements PilotListener, AutoCloseable {

    private final Console console;
    private final InstantSource clock;
    private final long startMillis;
    private TrainingDisplay training;
    private long nextLineMillis;

    PilotDisplay(Console console, InstantSource clock) {
        this.console = console;
        this.clock = clock;
        this.startMillis = clock.millis();
        this.training = new TrainingDisplay(console, clock);
    }

    @Override
    public void onPhase(PilotPhase phase, String message) {
        training.close();
        say(phase.title() + ": " + message);
    }

    @Override
    public void onMessage(PilotPhase phase, String message) {
        training.close();
        say(phase.title() + ": " + message);
    }

    @Override
    public void onWarning(String message) {
        training.onWarning(message);
    }

    @Override
    public void onTrainingStart(String model, TrainingStart start) {
        training.close();
        training = new TrainingDisplay(console, clock, model);
        training.onStart(start);
    }

    @Override
    public void onStep(String model, StepReport report) {
        training.onStep(report);
    }

    @Override
    public void onValidation(String model, ValidationReport report) {
        training.onValidation(report);
    }

    @Override
    public void onScored(String model, long done, long total) {
        training.close();
        long now = clock.millis();
        if (now >= nextLineMillis || done == total) {
            nextLineMillis = now + TrainingDisplay.PAUSE.toMillis();
            say("evaluation: " + model + " " + Texts.count(done) + "/" + Texts.count(total) + " tokens");
        }
    }

    private void say(String message) {
        long seconds = Duration.ofMillis(clock.millis() - startMillis).toSeconds();
        console.err().printf(Locale.ROOT, "[%2d:%02d] %s%n", seconds / 60, seconds % 60, message);
        console.err().flush();
    }

    @Override
    public void close() {
        training.close();
    }
}
