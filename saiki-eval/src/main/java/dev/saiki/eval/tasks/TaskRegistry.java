package dev.saiki.eval.tasks;

import dev.saiki.io.InputException;
import dev.saiki.io.Resources;
import dev.saiki.io.Suggestions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Function;

/// The named tasks and groups, and the tasks created from a user's own files.
public final class TaskRegistry {

    private static final double GROUP_VERSION = 2.0;
    private static final List<String> MMLU_FIELDS = List.of("stem", "other", "social_sciences", "humanities");

    /// The file that lists the members of each group.
    private static final String FILE = "suites.properties";

    private static final Properties MEMBERS = Resources.properties(TaskRegistry.class.getResourceAsStream(FILE), FILE);
    private static final Map<String, Suite> BY_NAME = all();

    private TaskRegistry() {}

    private static Map<String, Suite> all() {
        Map<String, Suite> suites = new LinkedHashMap<>();
        for (Suite suite : List.of(
                Benchmarks.lambada(),
                Benchmarks.hellaswag(),
                Benchmarks.piqa(),
                Benchmarks.winogrande(),
                Benchmarks.arc("arc_easy"),
                Benchmarks.arc("arc_challenge"),
                Benchmarks.openBookQa(),
                mmlu("mmlu", "mmlu", field -> "mmlu_" + field, Benchmarks::mmlu),
                mmlu("mmlu_continuation", "mmlu (continuation)", TaskRegistry::alias, Benchmarks::mmluContinuation),
                new TaskGroup(
                        "blimp",
                        "blimp",
                        members("blimp").stream().<Suite>map(Benchmarks::blimp).toList(),
                        TaskGroup.Weighting.EQUAL,
                        GROUP_VERSION),
                Benchmarks.jCommonsenseQa(),
                Benchmarks.jBlimp())) {
            add(suites, suite);
        }
        return suites;
    }

    private static TaskGroup mmlu(
            String name, String alias, Function<String, String> nameOfField, Function<String, Task> task) {
        List<Suite> fields = MMLU_FIELDS.stream()
                .<Suite>map(field -> new TaskGroup(
                        nameOfField.apply(field),
                        alias(field),
                        members("mmlu." + field).stream().<Suite>map(task).toList(),
                        TaskGroup.Weighting.BY_SIZE,
                        GROUP_VERSION))
                .toList();
        return new TaskGroup(name, alias, fields, TaskGroup.Weighting.BY_SIZE, GROUP_VERSION);
    }

    private static String alias(String field) {
        return field.replace('_', ' ');
    }

    private static List<String> members(String group) {
        return Arrays.asList(
                Objects.requireNonNull(MEMBERS.getProperty(group), group).split(" "));
    }

    private static void add(Map<String, Suite> suites, Suite suite) {
        suites.put(suite.name(), suite);
        if (suite instanceof TaskGroup group) {
            group.members().forEach(member -> add(suites, member));
        }
    }

    /// Finds a task or a group.
    ///
    /// @param name name of the task or group
    /// @return the task or group
    /// @throws InputException if there is no such task; the message suggests similar names
    public static Suite named(String name) {
        return Optional.ofNullable(BY_NAME.get(name)).orElseThrow(() -> {
            List<String> close = Suggestions.closest(name, BY_NAME.keySet());
            List<String> known = BY_NAME.values().stream()
                    .filter(suite -> BY_NAME.values().stream()
                            .noneMatch(other -> other instanceof TaskGroup group
                                    && group.members().contains(suite)))
                    .map(Suite::name)
                    .toList();
            return new InputException("--tasks: there is no task '" + name + "'"
                    + Suggestions.hint(name, close.isEmpty() ? known : close));
        });
    }

    /// Creates a task from a user's own questions.
    ///
    /// @param file rows with `context`, `choices` and `answer` (index of the right choice, from 0)
    /// @return the task, named after the file
    public static Task multipleChoice(Path file) {
        return Benchmarks.multipleChoice(nameOf(file), new TaskSource.OneFile(file));
    }

    /// Creates a task from a user's own texts to be completed.
    ///
    /// @param file rows with `context` and `target`
    /// @return the task, named after the file
    public static Task cloze(Path file) {
        return Benchmarks.cloze(nameOf(file), new TaskSource.OneFile(file));
    }

    /// The file's name without extensions.
    private static String nameOf(Path file) {
        String name = String.valueOf(file.getFileName());
        int dot = name.indexOf('.', 1);
        return dot < 0 ? name : name.substring(0, dot);
    }

    /// Rejects duplicate names.
    ///
    /// @param suites the requested tasks and groups
    /// @return the same tasks and groups
    /// @throws InputException if two tasks or groups have the same name
    public static List<Suite> requireDistinct(List<Suite> suites) {
        List<String> names = new ArrayList<>();
        for (Suite suite : suites) {
            if (names.contains(suite.name())) {
                throw new InputException("two tasks have the name '" + suite.name() + "'; each must have its own");
            }
            names.add(suite.name());
        }
        return suites;
    }
}
