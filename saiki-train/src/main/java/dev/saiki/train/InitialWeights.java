package dev.saiki.train;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.io.InputException;
import dev.saiki.model.ModelWeights;
import dev.saiki.tensor.Device;
import dev.saiki.train.recipe.Recipe;
import java.util.function.Consumer;

/// The initial weights of a run: from a saved state, from a checkpoint, or newly drawn.
final class InitialWeights {

    private InitialWeights() {}

    /// Creates the weights in host memory and copies them to the run's device.
    static ModelWeights of(Recipe recipe, ModelConfig config, TrainingPlan plan, Consumer<String> warnings) {
        return placed(onCpu(recipe, config, plan, warnings), recipe);
    }

    /// Moves weights to the run's device.
    ///
    /// @param weights weights on the CPU, which are closed if they are copied
    static ModelWeights placed(ModelWeights weights, Recipe recipe) {
        Device device = recipe.parallelism().device();
        if (device instanceof Device.Cpu) {
            return weights;
        }
        try (weights) {
            return weights.copyTo(device);
        }
    }

    private static ModelWeights onCpu(Recipe recipe, ModelConfig config, TrainingPlan plan, Consumer<String> warnings) {
        if (recipe.adapter().isPresent()) {
            // The saved state contains the adapter only.
            ModelWeights weights = plan.base().orElseThrow().weights(recipe, config, warnings);
            plan.source().ifPresent(source -> source.restore(weights));
            return weights;
        }
        return plan.source()
                .map(source -> source.loadWeights(config))
                .or(() -> plan.base().map(model -> model.weights(recipe, config, warnings)))
                .orElseGet(() -> fresh(recipe, config));
    }

    private static ModelWeights fresh(Recipe recipe, ModelConfig config) {
        InputException.require(
                config.architecture().experts().isEmpty(),
                "the recipe's model has experts, so it must start from a base: training does not balance the choice of"
                        + " experts");
        ModelWeights weights = ModelWeights.initialize(
                config,
                recipe.data().seed(),
                recipe.hasAuxiliaryRouters(),
                recipe.initialisation().stepGate());
        recipe.initialisation().injection().ifPresent(weights::setInjection);
        return weights;
    }
}
