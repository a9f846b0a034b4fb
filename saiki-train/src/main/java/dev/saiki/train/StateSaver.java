package dev.saiki.train;

import dev.saiki.model.ModelWeights;
import dev.saiki.train.recipe.CheckpointSection;
import dev.saiki.train.recipe.StabilitySection;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// The saved states of a run: when to save one, and which old ones to keep.
final class StateSaver {

    private final TrainingRun run;
    private final ModelWeights weights;
    private final TrainStep trainStep;
    private final Stopwatch training;
    private final StepReporter reporter;
    private final HeldOutScores scores;
    private long savedStep;
    private long savedNanos = System.nanoTime();

    StateSaver(
            TrainingRun run,
            ModelWeights weights,
            TrainStep trainStep,
            Stopwatch training,
            StepReporter reporter,
            HeldOutScores scores) {
        this.run = run;
        this.weights = weights;
        this.trainStep = trainStep;
        this.training = training;
        this.reporter = reporter;
        this.scores = scores;
        RunState first = run.plan().first();
        boolean isSaved = run.plan().continues() && first.cooldownStart().orElse(-1) != first.step();
        this.savedStep = isSaved ? first.step() : -1;
    }

    /// Saves a state if the recipe's interval of steps or minutes has passed, or the recipe names this step.
    void saveIfDue(RunState state) throws IOException {
        CheckpointSection setting = run.recipe().checkpoint();
        double minutes = (System.nanoTime() - savedNanos) / 60e9;
        boolean byTime = setting.everyMinutes() > 0 && holdsInFirstProcess(minutes >= setting.everyMinutes());
        if (state.step() % setting.everySteps() == 0
                || byTime
                || setting.saveStableAt().contains(state.step())) {
            saveIfUnsaved(state);
        }
    }

    /// Whether a condition holds in the first process.
    private boolean holdsInFirstProcess(boolean here) {
        return run.group().sums(run.group().isFirst() && here ? 1 : 0)[0] > 0;
    }

    /// Saves a state unless it is already on disk.
    void saveIfUnsaved(RunState state) throws IOException {
        if (savedStep == state.step()) {
            return;
        }
        training.pause();
        RunDirectory folder = run.folder();
        Path target = folder.state(state.step());
        TrainingRun.write(target, state.step(), () -> {
            reporter.force();
            if (run.group().isFirst()) {
                scores.write(folder.last(), state);
            }
            StateDirectory.write(
                    target,
                    state,
                    weights.stored(),
                    trainStep.optimizer(),
                    run.recipe().toYaml(),
                    run.group());
        });
        savedStep = state.step();
        savedNanos = System.nanoTime();
        if (run.group().isFirst()) {
            removeOldStates(state);
        }
        run.group().awaitFirst();
        training.resume();
        run.listener().onCheckpoint(new CheckpointReport(state.step(), target, folder.last()));
    }

    /// Saves the state after a rollback, from which the run continues at a new position in the text.
    void saveAnew(RunState state) throws IOException {
        savedStep = -1;
        saveIfUnsaved(state);
    }

    private void removeOldStates(RunState state) throws IOException {
        List<Long> staying = new ArrayList<>(run.recipe().checkpoint().saveStableAt());
        if (run.recipe().stability().onSpike() == StabilitySection.OnSpike.ROLL_BACK) {
            lastRegularState(state).ifPresent(staying::add);
        }
        run.folder().retain(run.recipe().checkpoint().keepLast(), staying);
    }

    /// The step of the last state that was saved at the recipe's interval of steps. Every run of the recipe saves
    /// these states, however often the run is interrupted, so a rollback leads to the same state in every run.
    OptionalLong lastRegularState(RunState state) {
        long every = run.recipe().checkpoint().everySteps();
        long last = state.step() / every * every;
        return last > state.cooldownStart().orElse(0) ? OptionalLong.of(last) : OptionalLong.empty();
    }
}
