package dev.saiki.train;

/// A listener to the progress of a run, called on the training thread between steps.
///
/// The trainer itself prints nothing. An exception from a listener ends the run as an error in a step would.
public interface TrainingListener {

    /// A listener that does nothing.
    TrainingListener SILENT = new TrainingListener() {};

    /// Called before the first step.
    ///
    /// @param start the run
    default void onStart(TrainingStart start) {}

    /// Called with a warning; the run continues.
    ///
    /// @param message one sentence
    default void onWarning(String message) {}

    /// Called when the recursion depth increases; the loss of the next steps may jump.
    ///
    /// @param step the first step at the new depth, from 1
    /// @param depth the maximum number of recursions from that step on
    default void onDepth(long step, int depth) {}

    /// Called when the run turns to the next dataset of its curriculum.
    ///
    /// @param step the number of steps taken
    /// @param stage the number of finished datasets
    default void onPromotion(long step, int stage) {}

    /// Called after a step.
    ///
    /// @param report the step's numbers
    default void onStep(StepReport report) {}

    /// Called after a validation.
    ///
    /// @param report the result
    default void onValidation(ValidationReport report) {}

    /// Called after a state and the checkpoint `last` are saved.
    ///
    /// @param report the location
    default void onCheckpoint(CheckpointReport report) {}

    /// Called when the run completes or stops.
    ///
    /// @param outcome the outcome of the run
    default void onStop(TrainingOutcome outcome) {}
}
