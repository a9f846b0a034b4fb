package dev.saiki.eval.pilot;

import dev.saiki.model.Precision;
import dev.saiki.train.recipe.Recipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The recipes of a pilot's trainings: the small built-in ones, fitted to its data and budget.
final class PilotRecipes {

    /// Validations on the way, for the loss curves.
    private static final long VALIDATIONS = 12;

    /// Held-out rows of each of these validations: few, for they cost training time; the final evaluation has more.
    private static final int VALIDATION_SEQUENCES = 16;

    /// Sequences in a batch of a short training, which needs many steps more than it needs quiet gradients: with
    /// four trillion FLOPs on the built-in corpus the vanilla model ended at 6.31 nats with eight sequences (peak
    /// learning rate 2e-3), at 5.82 with four (2e-3; 5.89 at 1e-3), and at 5.66 with two (1e-3; 5.78 at 2e-3).
    private static final int FEWEST_SEQUENCES = 2;

    private static final int MOST_SEQUENCES = 8;

    /// The budget from which a batch has twice as many sequences, and again at four times this budget.
    private static final double DOUBLING_FLOPS = 3e13;

    /// Micro-batches of a step, so that two threads have work.
    private static final int MICRO_BATCHES = 2;

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
    /// @param family what to train
    /// @param calibration budget and number format
    Recipe training(PilotFamily family, PilotState.Calibration calibration) {
        double forwardFlops = calibration.forwardFlops();
        List<String> length = new ArrayList<>(batch(sequences(forwardFlops)));
        length.add("precision.compute=" + calibration.precision());
        length.add("schedule.forward_flops=" + forwardFlops);
        long steps = recipe(family, length).totalSteps(0);
        length.add(validateEvery(Math.max(1, steps / VALIDATIONS)));
        return recipe(family, length);
    }

    /// Chooses the batch for a budget.
    static int sequences(double forwardFlops) {
        int sequences = FEWEST_SEQUENCES;
        for (double from = DOUBLING_FLOPS; forwardFlops >= from && sequences < MOST_SEQUENCES; from *= 4) {
            sequences *= 2;
        }
        return sequences;
    }

    /// Returns the recipe of some steps that are only timed.
    Recipe timing(PilotFamily family, Precision precision, int steps) {
        List<String> length = new ArrayList<>(batch(FEWEST_SEQUENCES));
        length.add("precision.compute=" + spelling(precision));
        length.addAll(List.of("schedule.steps=" + steps, validateEvery(0), "metrics.tensorboard=false"));
        return recipe(family, length);
    }

    /// Tokens in a training sequence, which every model sees at once.
    int context() {
        return timing(PilotFamily.VANILLA, Precision.FLOAT32, 1).batch().sequenceLength();
    }

    /// Tokens in the smallest training step.
    long tokensPerStep() {
        return timing(PilotFamily.VANILLA, Precision.FLOAT32, 1).batch().tokens();
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

    /// Spells a number format as a recipe does.
    static String spelling(Precision precision) {
        return precision.name().toLowerCase(Locale.ROOT);
    }

    private static List<String> batch(int sequences) {
        return List.of("batch.sequences=" + sequences, "batch.micro_batch_sequences=" + sequences / MICRO_BATCHES);
    }

    private static String validateEvery(long steps) {
        return "metrics.validate_every=" + steps;
    }

    /// Writes a path as a YAML string, whatever characters it has.
    private static String quoted(Path path) {
        return "'" + path.toString().replace("'", "''") + "'";
    }
}
