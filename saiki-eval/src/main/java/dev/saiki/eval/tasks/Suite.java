package dev.saiki.eval.tasks;

/// The work that one name of `--tasks` stands for: a task, a group of them, or texts.
public sealed interface Suite permits Task, TaskGroup, PerplexityTask {

    /// Returns its name.
    ///
    /// @return the key in results files
    String name();
}
