package dev.saiki.eval.tasks;

/// The work that one name in `--tasks` stands for: a task, a group, or texts.
public sealed interface Suite permits Task, TaskGroup, PerplexityTask {

    /// Returns its name.
    ///
    /// @return the key in results files
    String name();
}
