package dev.saiki.train.plan;

import dev.saiki.checkpoint.adapter.AdapterTensors;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.train.recipe.Recipe;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The number of parameters, and of trained ones.
///
/// @param total parameters, with auxiliary routers and an adapter's updates
/// @param tensors tensors of them
/// @param trained parameters that have a gradient
/// @param trainedTensors tensors of them
public record ParameterCount(long total, int tensors, long trained, int trainedTensors) {

    /// Counts.
    ///
    /// @param config the model
    /// @param recipe what is trained of it
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
