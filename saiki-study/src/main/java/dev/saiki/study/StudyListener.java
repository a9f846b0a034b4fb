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

    /// Called when a piece of work starts or has a result.
    ///
    /// @param message one line of text
    default void onMessage(String message) {}

    /// Called when a training starts or resumes.
    ///
    /// @param run the run's name
    /// @return the listener to the training
    default TrainingListener onTraining(String run) {
        return TrainingListener.SILENT;
    }

    /// Called when the measurement of a trained run begins; the measurement can take longer than the
    /// training.
    ///
    /// @param run the run's name
    default void onMeasuring(String run) {}

    /// Called when a run is trained and evaluated, and `study.json` is written.
    ///
    /// @param run the result of the run
    /// @param progress progress of the study
    default void onRun(RunResult run, StudyProgress progress) {}
}
