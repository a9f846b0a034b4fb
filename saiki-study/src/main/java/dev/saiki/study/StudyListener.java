package dev.saiki.study;

import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyProgress;
import dev.saiki.train.TrainingListener;

/// A listener to the progress of a study, called on the thread that runs it.
///
/// The study itself prints nothing.
public interface StudyListener {

    /// A listener that does nothing.
    StudyListener SILENT = new StudyListener() {};

    /// Something begins, or came out.
    ///
    /// @param message what, one line
    default void onMessage(String message) {}

    /// A training starts or resumes.
    ///
    /// @param run its name
    /// @return what follows it
    default TrainingListener onTraining(String run) {
        return TrainingListener.SILENT;
    }

    /// A run is trained and evaluated, and `study.json` is written.
    ///
    /// @param run what was found
    /// @param progress how far the study is
    default void onRun(RunResult run, StudyProgress progress) {}
}
