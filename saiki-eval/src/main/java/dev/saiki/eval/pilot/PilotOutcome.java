package dev.saiki.eval.pilot;

import java.nio.file.Path;

/// How a pilot ended.
public sealed interface PilotOutcome {

    /// All was done.
    ///
    /// @param result what was found
    /// @param json the same as a file
    record Finished(PilotResult result, Path json) implements PilotOutcome {}

    /// It was asked to stop; the same options in the same folder go on from here.
    ///
    /// @param phase what it was doing
    record Stopped(PilotPhase phase) implements PilotOutcome {}
}
