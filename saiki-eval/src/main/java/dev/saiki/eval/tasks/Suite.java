package dev.saiki.eval.tasks;

/// Something that can be evaluated by name: a task, a group of them, or texts.
public sealed interface Suite permits Task, TaskGroup, TextTask {

    /// Returns its name.
    ///
    /// @return the key in results files
    String name();
}
