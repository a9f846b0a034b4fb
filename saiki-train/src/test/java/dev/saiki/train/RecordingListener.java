package dev.saiki.train;

import dev.saiki.train.schedule.DepthSchedule;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// A listener that records all events, and can run an action after a step.
final class RecordingListener implements TrainingListener {

    final List<TrainingStart> starts = new ArrayList<>();
    final List<String> warnings = new ArrayList<>();
    final List<StepReport> steps = new ArrayList<>();
    final List<ValidationReport> validations = new ArrayList<>();
    final List<CheckpointReport> checkpoints = new ArrayList<>();
    final List<TrainingOutcome> outcomes = new ArrayList<>();

    final List<DepthSchedule.Phase> switches = new ArrayList<>();
    final List<Integer> promotions = new ArrayList<>();
    long promotedAt;

    private Consumer<StepReport> afterStep = report -> {};

    RecordingListener afterStep(Consumer<StepReport> action) {
        afterStep = action;
        return this;
    }

    @Override
    public void onStart(TrainingStart start) {
        starts.add(start);
    }

    @Override
    public void onWarning(String message) {
        warnings.add(message);
    }

    @Override
    public void onDepth(long step, int depth) {
        switches.add(new DepthSchedule.Phase(step, depth));
    }

    @Override
    public void onPromotion(long step, int stage) {
        promotions.add(stage);
        promotedAt = step;
    }

    @Override
    public void onStep(StepReport report) {
        steps.add(report);
        afterStep.accept(report);
    }

    @Override
    public void onValidation(ValidationReport report) {
        validations.add(report);
    }

    @Override
    public void onCheckpoint(CheckpointReport report) {
        checkpoints.add(report);
    }

    @Override
    public void onStop(TrainingOutcome outcome) {
        outcomes.add(outcome);
    }
}
