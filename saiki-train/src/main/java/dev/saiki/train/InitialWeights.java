package dev.saiki.train;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.model.ModelWeights;
import dev.saiki.train.recipe.Recipe;
import java.util.function.Consumer;

/// The weights that a run begins or goes on with: those of a saved state, of a checkpoint, or fresh ones.
final class InitialWeights {

    private InitialWeights() {}

    static ModelWeights of(Recipe recipe, ModelConfig config, TrainingPlan plan, Consumer<String> warnings) {
        if (recipe.adapter().isPresent()) {
            // The state has the adapter alone.
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
        ModelWeights weights = ModelWeights.initialize(
                config,
                recipe.data().seed(),
                recipe.hasAuxiliaryRouters(),
                recipe.initialisation().stepGate());
        recipe.initialisation().injection().ifPresent(weights::setInjection);
        return weights;
    }
}
