package dev.saiki.study;

import dev.saiki.study.results.StudyResults;
import java.nio.file.Path;

/// The outcome of running a study.
public sealed interface StudyOutcome {

    /// A finished study.
    ///
    /// @param results the results
    /// @param json the file with the results
    record Finished(StudyResults results, Path json) implements StudyOutcome {}

    /// A study that was stopped on request; the same plan in the same folder resumes it.
    ///
    /// @param during the work that was interrupted
    /// @param finishedRuns number of finished runs
    /// @param plannedRuns number of all runs
    record Stopped(String during, int finishedRuns, int plannedRuns) implements StudyOutcome {}
}
