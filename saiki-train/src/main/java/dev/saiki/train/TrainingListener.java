package dev.saiki.train;

/// A listener to the progress of a run, called on the training thread between steps.
///
/// The trainer itself prints nothing. A listener that throws ends the run as a failing step would.
public interface TrainingListener {

    /// A listener that does nothing.
    TrainingListener SILENT = new TrainingListener() {};

    /// Called before the first step.
    ///
    /// @param start the run
    default void onStart(TrainingStart start) {}

    /// Called with a warning that does not stop the run.
    ///
    /// @param message one sentence
    default void onWarning(String message) {}

    /// Called when the recursion gets deeper; the loss of the next steps may jump.
    ///
    /// @param step the first step at the new depth, from 1
    /// @param depth the maximum number of recursions from there on
    default void onDepth(long step, int depth) {}

    /// Called after a step.
    ///
    /// @param report its numbers
    default void onStep(StepReport report) {}

    /// Called after a validation.
    ///
    /// @param report the result
    default void onValidation(ValidationReport report) {}

    /// Called after a state and the checkpoint `last` were saved.
    ///
    /// @param report where
    default void onCheckpoint(CheckpointReport report) {}

    /// Called at the end of the run, or when it was stopped.
    ///
    /// @param outcome how
    default void onStop(TrainingOutcome outcome) {}
}
