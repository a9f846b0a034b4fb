package dev.saiki.train.recipe;

import dev.saiki.io.Problems;
import dev.saiki.io.yaml.SectionReader;
import tools.jackson.databind.node.ObjectNode;

/// Recipe section `metrics`: logging and validation.
///
/// @param logEvery the number of steps from one line of `metrics.jsonl` to the next; a line has the values of
///     its own step only
/// @param validateEvery the number of steps from one validation to the next; 0 to validate only after the
///     last step
/// @param validationSequences the number of held-out rows to score, at most all that exist
/// @param tensorboard whether to write TensorBoard event files beside `metrics.jsonl`
public record MetricsSection(long logEvery, long validateEvery, int validationSequences, boolean tensorboard) {

    /// By default every step has a line.
    public static final long DEFAULT_LOG_EVERY = 1;

    /// The default number of steps between two validations.
    public static final long DEFAULT_VALIDATE_EVERY = 250;

    /// The default number of held-out rows to score.
    public static final int DEFAULT_VALIDATION_SEQUENCES = 64;

    /// Checks the ranges.
    ///
    /// @throws dev.saiki.io.InputException if a value is out of range
    public MetricsSection {
        Problems.requireAll(
                () -> RecipeChecks.atLeast(1, "metrics.log_every", logEvery),
                () -> RecipeChecks.atLeast(0, "metrics.validate_every", validateEvery),
                () -> RecipeChecks.atLeast(1, "metrics.validation_sequences", validationSequences));
    }

    static MetricsSection read(SectionReader reader) {
        return new MetricsSection(
                reader.integer("log_every", DEFAULT_LOG_EVERY),
                reader.integer("validate_every", DEFAULT_VALIDATE_EVERY),
                reader.smallInteger("validation_sequences", DEFAULT_VALIDATION_SEQUENCES),
                reader.flag("tensorboard", true));
    }

    void write(ObjectNode section) {
        section.put("log_every", logEvery);
        section.put("validate_every", validateEvery);
        section.put("validation_sequences", validationSequences);
        section.put("tensorboard", tensorboard);
    }
}
