package dev.saiki.eval.tasks;

/// The work behind one name in `--tasks`: a task, a group, or texts.
public sealed interface Suite permits Task, TaskGroup, PerplexityTask {

    /// Returns its name.
    ///
    /// @return the key in results files
    String name();
}
