package dev.saiki.study.results;

import java.util.List;
import java.util.Optional;

/// The progress of a study.
///
/// @param plannedRuns number of trainings in the plan, including those of sweeps
/// @param finishedRuns number of trainings that are done and evaluated
/// @param givenUp the trainings that were given up
/// @param secondsSpent duration of the finished trainings
/// @param secondsLeft estimated remaining time, in seconds, at the speeds measured so far; absent before the
///     first measurement
public record StudyProgress(
        int plannedRuns,
        int finishedRuns,
        List<DivergedRun> givenUp,
        double secondsSpent,
        Optional<Double> secondsLeft) {
    /// Copies the list.
    public StudyProgress {
        givenUp = List.copyOf(givenUp);
    }

    /// Tells whether nothing is left to do.
    ///
    /// @return true if every run is finished or given up
    public boolean isComplete() {
        return finishedRuns + givenUp.size() >= plannedRuns;
    }
}
