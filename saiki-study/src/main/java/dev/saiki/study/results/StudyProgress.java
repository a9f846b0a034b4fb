package dev.saiki.study.results;

import java.util.List;
import java.util.Optional;

/// The progress of a study.
///
/// @param plannedRuns trainings in the plan, sweeps included
/// @param finishedRuns trainings that are done and measured
/// @param givenUp trainings that cannot be finished
/// @param secondsSpent seconds that the finished trainings took
/// @param secondsLeft seconds of the rest at the speeds measured so far; absent before the first one
public record StudyProgress(
        int plannedRuns,
        int finishedRuns,
        List<DivergedRun> givenUp,
        double secondsSpent,
        Optional<Double> secondsLeft) {
    /// Keeps its own copy of the list.
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
