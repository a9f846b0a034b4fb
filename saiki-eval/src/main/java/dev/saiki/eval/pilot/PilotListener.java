package dev.saiki.eval.pilot;

import dev.saiki.train.StepReport;
import dev.saiki.train.TrainingStart;
import dev.saiki.train.ValidationReport;

/// Follows a pilot from outside; called on the thread that runs it.
///
/// The pilot itself prints nothing.
public interface PilotListener {

    /// A listener that does nothing.
    PilotListener SILENT = new PilotListener() {};

    /// A phase begins.
    ///
    /// @param phase which
    /// @param message what is about to be done, one line
    default void onPhase(PilotPhase phase, String message) {}

    /// Something came out of a phase, or it was found done already.
    ///
    /// @param phase which
    /// @param message what, one line
    default void onMessage(PilotPhase phase, String message) {}

    /// Something the user should know and that does not stop the pilot.
    ///
    /// @param message one sentence
    default void onWarning(String message) {}

    /// A model's training begins or goes on.
    ///
    /// @param model its name
    /// @param start what kind of run it is
    default void onTrainingStart(String model, TrainingStart start) {}

    /// A training step was taken.
    ///
    /// @param model the model's name
    /// @param report the numbers of the step
    default void onStep(String model, StepReport report) {}

    /// Held-out text was scored during training.
    ///
    /// @param model the model's name
    /// @param report the result
    default void onValidation(String model, ValidationReport report) {}

    /// Part of an evaluation is done.
    ///
    /// @param model the model's name
    /// @param done tokens scored
    /// @param total tokens to score
    default void onScored(String model, long done, long total) {}
}
