package dev.saiki.train.recipe;

import dev.saiki.io.Problems;
import dev.saiki.io.yaml.SectionReader;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Recipe section `checkpoint`: when states are saved, and how many are kept.
///
/// @param everySteps steps between two saved states
/// @param everyMinutes minutes after which a state is saved even if fewer than `every_steps` steps were taken; 0
///     for never
/// @param keepLast the number of newest states to keep
/// @param saveStableAt numbers of the steps whose states are saved and kept permanently, as starting points
///     of cool-downs
public record CheckpointSection(long everySteps, double everyMinutes, int keepLast, List<Long> saveStableAt) {

    /// The default number of steps between two saved states.
    public static final long DEFAULT_EVERY_STEPS = 500;

    /// The default number of minutes between two saved states: the maximum training time that a crash can lose.
    public static final double DEFAULT_EVERY_MINUTES = 10;

    /// Two states: if the newest is damaged, the one before it remains.
    public static final int DEFAULT_KEEP_LAST = 2;

    /// Checks the ranges and sorts the steps.
    ///
    /// @throws dev.saiki.io.InputException if a value is out of range
    public CheckpointSection {
        Problems.requireAll(
                () -> RecipeChecks.atLeast(1, "checkpoint.every_steps", everySteps),
                () -> RecipeChecks.notNegative("checkpoint.every_minutes", everyMinutes),
                () -> RecipeChecks.atLeast(1, "checkpoint.keep_last", keepLast));
        saveStableAt = saveStableAt.stream().sorted().distinct().toList();
        RecipeChecks.that(
                saveStableAt.isEmpty() || saveStableAt.getFirst() >= 1,
                "checkpoint.save_stable_at",
                "steps of at least 1",
                saveStableAt);
    }

    static CheckpointSection read(SectionReader reader) {
        return new CheckpointSection(
                reader.integer("every_steps", DEFAULT_EVERY_STEPS),
                reader.number("every_minutes", DEFAULT_EVERY_MINUTES),
                reader.smallInteger("keep_last", DEFAULT_KEEP_LAST),
                reader.integers("save_stable_at"));
    }

    void write(ObjectNode section) {
        section.put("every_steps", everySteps);
        section.put("every_minutes", everyMinutes);
        section.put("keep_last", keepLast);
        ArrayNode steps = section.putArray("save_stable_at");
        saveStableAt.forEach(steps::add);
    }
}
