package dev.saiki.train;

/// A listener that follows a run from outside; called on the thread that trains, between steps.
///
/// The trainer itself prints nothing. A listener that throws ends the run as a failing step would.
public interface TrainingListener {

    /// A listener that does nothing.
    TrainingListener SILENT = new TrainingListener() {};

    /// The run is about to take its first step.
    ///
    /// @param start what kind of run it is
    default void onStart(TrainingStart start) {}

    /// Something the user should know and that does not stop the run.
    ///
    /// @param message one sentence
    default void onWarning(String message) {}

    /// The recursion is about to get deeper: the loss of the next steps may jump, and that is no fault.
    ///
    /// @param step the first step at the new depth, from 1
    /// @param depth the most recursions that a token may take from there on
    default void onDepth(long step, int depth) {}

    /// A step was taken.
    ///
    /// @param report its numbers
    default void onStep(StepReport report) {}

    /// Held-out text was scored.
    ///
    /// @param report the result
    default void onValidation(ValidationReport report) {}

    /// A resumable state was saved, and the checkpoint `last` with it.
    ///
    /// @param report where
    default void onCheckpoint(CheckpointReport report) {}

    /// The run has ended or was stopped.
    ///
    /// @param outcome how
    default void onStop(TrainingOutcome outcome) {}
}
