package dev.saiki.eval.tasks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// The results of all requested tasks and groups at one depth setting.
public final class EvaluationReport {

    /// A group's averages.
    ///
    /// @param group the group
    /// @param result the group's numbers, in the same form as a task's
    public record GroupResult(TaskGroup group, TaskResult result) {}

    private final String suffix;
    private final Map<String, TaskResult> tasks = new LinkedHashMap<>();
    private final List<GroupResult> groups = new ArrayList<>();
    private final Map<String, List<String>> members = new LinkedHashMap<>();

    /// Averages the results of tasks over their groups.
    ///
    /// @param suites the requested tasks and groups
    /// @param results results of all tasks in the groups, by name
    /// @param depth depth bound, if the same tasks were run at several bounds; if so, the bound is appended
    ///     to the tasks' names
    public EvaluationReport(List<Suite> suites, Map<String, TaskResult> results, OptionalInt depth) {
        this.suffix = suffix(depth);
        suites.forEach(suite -> add(suite, results));
    }

    /// Returns the suffix of the names of tasks that are run at several depths.
    ///
    /// @param depth depth bound, if the tasks were run at several bounds
    /// @return the ending
    public static String suffix(OptionalInt depth) {
        return depth.isPresent() ? "@depth=" + depth.getAsInt() : "";
    }

    private void add(Suite suite, Map<String, TaskResult> results) {
        switch (suite) {
            case Task task -> addTask(task.name(), results);
            case PerplexityTask task -> addTask(task.name(), results);
            case TaskGroup group -> {
                members.put(
                        group.name() + suffix,
                        group.members().stream()
                                .map(member -> member.name() + suffix)
                                .toList());
                groups.add(new GroupResult(group, average(group, results)));
                group.members().forEach(member -> add(member, results));
            }
        }
    }

    private void addTask(String name, Map<String, TaskResult> results) {
        members.putIfAbsent(name + suffix, List.of());
        tasks.put(name + suffix, found(name, results).renamed(name + suffix));
    }

    private static TaskResult found(String name, Map<String, TaskResult> results) {
        return Optional.ofNullable(results.get(name))
                .orElseThrow(() -> new IllegalArgumentException("no result for " + name));
    }

    /// The average over all tasks of a group and its subgroups. As in the harness, only accuracy is averaged.
    private TaskResult average(TaskGroup group, Map<String, TaskResult> results) {
        List<TaskResult> parts =
                group.tasks().stream().map(task -> found(task.name(), results)).toList();
        List<MetricValue> accuracies =
                parts.stream().map(part -> part.find(Metric.ACC).orElseThrow()).toList();
        List<Integer> sizes = parts.stream().map(TaskResult::evaluated).toList();
        int evaluated = sizes.stream().mapToInt(Integer::intValue).sum();
        return new TaskResult(
                group.name() + suffix,
                group.version(),
                parts.getFirst().shots(),
                parts.stream().mapToInt(TaskResult::documents).sum(),
                evaluated,
                parts.stream().mapToInt(TaskResult::truncated).sum(),
                parts.stream()
                                .mapToDouble(part -> part.chance() * part.evaluated())
                                .sum()
                        / evaluated,
                List.of(MetricAggregation.over(Metric.ACC, accuracies, sizes, group.weighting())),
                parts.stream().map(TaskResult::spent).reduce(EvaluationCost.NOTHING, EvaluationCost::plus));
    }

    /// Returns the results of all tasks.
    ///
    /// @return the results by name, in order
    public List<TaskResult> tasks() {
        return List.copyOf(tasks.values());
    }

    /// Returns the result of one task.
    ///
    /// @param name name of the task, without the depth suffix
    /// @return the task's result, whose name includes the depth
    TaskResult task(String name) {
        return found(name + suffix, tasks);
    }

    /// Returns the results of all groups.
    ///
    /// @return the results, with groups before their members
    public List<GroupResult> groups() {
        return List.copyOf(groups);
    }

    /// Returns the members of each group.
    ///
    /// @return member names by the name of a group or task; for a task, an empty list
    public Map<String, List<String>> members() {
        return Map.copyOf(members);
    }
}
