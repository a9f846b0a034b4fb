package dev.saiki.eval.tasks;

import dev.saiki.io.InputException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/// The settings that tasks are run with.
///
/// @param data folder of all data sets, if one is named
/// @param shots solved examples before each document
/// @param limit most documents of a task, if there is a bound
/// @param seed names the random numbers that draw examples, at least 0
public record EvaluationOptions(Optional<Path> data, int shots, OptionalInt limit, long seed) {

    /// The harness's seed of few-shot examples.
    public static final long USUAL_SEED = 1234;

    private static final int MOST_SHOTS = 1000;

    /// Checks every option.
    ///
    /// @throws InputException naming the option, what is allowed, and what was got
    public EvaluationOptions {
        if (shots < 0 || shots > MOST_SHOTS) {
            throw new InputException("--num-fewshot must be from 0 to " + MOST_SHOTS + ", got " + shots);
        }
        limit.ifPresent(documents -> {
            if (documents < 1) {
                throw new InputException("--limit must be at least 1, got " + documents);
            }
        });
        if (seed < 0) {
            throw new InputException("--seed must be at least 0, got " + seed);
        }
    }
}
