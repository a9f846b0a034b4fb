package dev.saiki.eval.study;

import dev.saiki.train.StepReport;
import dev.saiki.train.TrainingStart;

/// Follows a study from outside; called on the thread that runs it.
///
/// The study itself prints nothing.
public interface StudyListener {

    /// A listener that does nothing.
    StudyListener SILENT = new StudyListener() {};

    /// Something begins, or came out.
    ///
    /// @param message what, one line
    default void onMessage(String message) {}

    /// Something the user should know and that does not stop the study.
    ///
    /// @param message one sentence
    default void onWarning(String message) {}

    /// A training begins or goes on.
    ///
    /// @param run its name
    /// @param start what kind of run it is
    default void onTrainingStart(String run, TrainingStart start) {}

    /// A training step was taken.
    ///
    /// @param run the training's name
    /// @param report the numbers of the step
    default void onStep(String run, StepReport report) {}

    /// A run is trained and measured, and `study.json` is written.
    ///
    /// @param run what was found
    /// @param progress how far the study is
    default void onRun(StudyResults.Run run, StudyResults.Progress progress) {}
}
