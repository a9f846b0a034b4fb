package dev.saiki.cli.model;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.train.plan.ParameterCount;
import dev.saiki.train.recipe.Recipe;
import java.util.Optional;

/// The description of the part of a model that a recipe trains.
public final class FrozenText {

    private FrozenText() {}

    /// Describes what is trained and what is frozen; the description is empty if nothing is frozen.
    static Optional<String> of(ModelConfig config, Recipe recipe) {
        return frozen(config, recipe)
                .map(count -> NumberFormats.count(count.trained()) + " parameters in "
                        + NumberFormats.count(count.trainedTensors()) + " tensors; "
                        + NumberFormats.count(count.total() - count.trained()) + " in "
                        + NumberFormats.count(count.tensors() - count.trainedTensors()) + " are frozen");
    }

    /// Counts the trained parameters, including auxiliary routers; the count is empty if nothing is frozen.
    public static Optional<Long> trainedParameters(ModelConfig config, Recipe recipe) {
        return frozen(config, recipe).map(ParameterCount::trained);
    }

    private static Optional<ParameterCount> frozen(ModelConfig config, Recipe recipe) {
        return Optional.of(ParameterCount.of(config, recipe)).filter(count -> !count.isWhole());
    }
}
