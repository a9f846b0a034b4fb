package dev.saiki.train.plan;

import dev.saiki.checkpoint.adapter.AdapterTensors;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.train.recipe.Recipe;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The total and trained parameter counts.
///
/// @param total all parameters, including auxiliary routers and an adapter's updates
/// @param tensors the number of tensors
/// @param trained the number of parameters that have a gradient
/// @param trainedTensors the number of trained tensors
public record ParameterCount(long total, int tensors, long trained, int trainedTensors) {

    /// Counts the parameters of a training run.
    ///
    /// @param config the model
    /// @param recipe the recipe, which selects the trained parameters
    /// @return the counts
    public static ParameterCount of(ModelConfig config, Recipe recipe) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>(ParameterNames.parameters(config));
        if (recipe.hasAuxiliaryRouters()) {
            shapes.putAll(ParameterNames.auxiliaryRouters(config));
        }
        recipe.adapter().ifPresent(adapter -> shapes.putAll(AdapterTensors.of(config, adapter.of(config))));
        Map<String, Long> counts = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> counts.put(name, shape.stream().reduce(1L, Math::multiplyExact)));
        Set<String> trained = recipe.trainedTensors();
        return new ParameterCount(
                counts.values().stream().mapToLong(Long::longValue).sum(),
                counts.size(),
                trained.stream()
                        .mapToLong(name -> counts.getOrDefault(name, 0L))
                        .sum(),
                trained.size());
    }

    /// Whether nothing is frozen.
    ///
    /// @return true if every tensor is trained
    public boolean isWhole() {
        return tensors == trainedTensors;
    }
}
