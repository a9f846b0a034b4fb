package dev.saiki.eval.tasks;

import dev.saiki.io.InputException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/// The settings of an evaluation of tasks.
///
/// @param data folder of all data sets, if specified
/// @param shots number of solved examples before each document
/// @param limit maximum number of documents per task, if bounded
/// @param seed seed for sampling examples, at least 0
public record EvaluationOptions(Optional<Path> data, int shots, OptionalInt limit, long seed) {

    /// The seed of lm-evaluation-harness for few-shot examples.
    public static final long USUAL_SEED = 1234;

    private static final int MAX_SHOTS = 1000;

    /// Checks every option.
    ///
    /// @throws InputException if a value is not allowed; the message names the option, the allowed values and the
    ///     value
    public EvaluationOptions {
        InputException.requireBetween("--num-fewshot", shots, 0, MAX_SHOTS);
        limit.ifPresent(documents -> InputException.requireAtLeast("--limit", documents, 1));
        InputException.requireAtLeast("--seed", seed, 0);
    }
}
