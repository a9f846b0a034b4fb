package dev.saiki.eval.tasks;

import java.util.List;
import java.util.stream.Stream;

/// Tasks whose accuracies are averaged.
///
/// @param name the key in results files
/// @param alias name of the group in tables
/// @param members tasks and smaller groups
/// @param weighting weighting of the mean
/// @param version version for results files
public record TaskGroup(String name, String alias, List<Suite> members, Weighting weighting, double version)
        implements Suite {

    /// The weighting of tasks in the mean of a group.
    public enum Weighting {
        /// Every document counts the same.
        BY_SIZE,
        /// Every task counts the same.
        EQUAL
    }

    /// Copies the list.
    public TaskGroup {
        members = List.copyOf(members);
    }

    /// Returns all tasks of the group and its subgroups.
    ///
    /// @return the tasks in order
    public List<Task> tasks() {
        return members.stream()
                .flatMap(member -> switch (member) {
                    case Task task -> Stream.of(task);
                    case TaskGroup group -> group.tasks().stream();
                    case PerplexityTask _ -> Stream.<Task>empty();
                })
                .toList();
    }
}
