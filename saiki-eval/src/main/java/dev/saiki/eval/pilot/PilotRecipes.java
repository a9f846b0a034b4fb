package dev.saiki.eval.pilot;

import dev.saiki.train.recipe.Recipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The recipes of a pilot's trainings: the small built-in ones, fitted to its data and budget.
final class PilotRecipes {

    /// Validations on the way, for the loss curves.
    private static final long VALIDATIONS = 12;

    /// Held-out rows of each of these validations: few, for they cost training time; the final evaluation has more.
    private static final int VALIDATION_SEQUENCES = 16;

    private final Path dataset;
    private final int vocabSize;
    private final long seed;

    PilotRecipes(Path dataset, int vocabSize, long seed) {
        this.dataset = dataset;
        this.vocabSize = vocabSize;
        this.seed = seed;
    }

    /// Returns the recipe of a real training.
    ///
    /// @param forwardFlops forward FLOPs to spend
    Recipe training(PilotFamily family, double forwardFlops) {
        Recipe whole = recipe(family, List.of("schedule.forward_flops=" + forwardFlops, validateEvery(1)));
        long steps = whole.totalSteps(0);
        return recipe(
                family,
                List.of("schedule.forward_flops=" + forwardFlops, validateEvery(Math.max(1, steps / VALIDATIONS))));
    }

    /// Returns the recipe of some steps that are only timed.
    Recipe timing(PilotFamily family, int steps) {
        return recipe(family, List.of("schedule.steps=" + steps, validateEvery(0), "metrics.tensorboard=false"));
    }

    /// Tokens in a training sequence, which every model sees at once.
    int context() {
        return timing(PilotFamily.VANILLA, 1).batch().sequenceLength();
    }

    /// Tokens in a training step.
    long tokensPerStep() {
        return timing(PilotFamily.VANILLA, 1).batch().tokens();
    }

    private Recipe recipe(PilotFamily family, List<String> more) {
        List<String> overrides = new ArrayList<>(List.of(
                "data.dataset=" + quoted(dataset),
                "data.seed=" + seed,
                "model.vocab_size=" + vocabSize,
                "optimizer.learning_rate=" + family.learningRate(),
                "metrics.validation_sequences=" + VALIDATION_SEQUENCES,
                "checkpoint.every_steps=1000000",
                "checkpoint.every_minutes=2"));
        overrides.addAll(more);
        return Recipe.builtIn(family.recipe(), overrides);
    }

    private static String validateEvery(long steps) {
        return "metrics.validate_every=" + steps;
    }

    /// Writes a path as a YAML string, whatever characters it has.
    private static String quoted(Path path) {
        return "'" + path.toString().replace("'", "''") + "'";
    }
}
