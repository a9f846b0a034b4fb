package dev.saiki.cli.model;

import dev.saiki.checkpoint.adapter.AdapterTensors;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.train.recipe.Recipe;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The words for how much of a model a recipe trains.
public final class FrozenText {

    private FrozenText() {}

    /// Tells what is trained and what is frozen; empty if nothing is frozen.
    static Optional<String> of(ModelConfig config, Recipe recipe) {
        Map<String, Long> all = parameters(config, recipe);
        long total = all.values().stream().mapToLong(Long::longValue).sum();
        int trained = recipe.trainedTensors().size();
        return trainedParameters(config, recipe)
                .map(some -> NumberFormats.count(some) + " parameters in " + NumberFormats.count(trained)
                        + " tensors; frozen are " + NumberFormats.count(total - some) + " in "
                        + NumberFormats.count(all.size() - trained));
    }

    /// Counts what is trained, auxiliary routers included; empty if nothing is frozen.
    public static Optional<Long> trainedParameters(ModelConfig config, Recipe recipe) {
        Map<String, Long> all = parameters(config, recipe);
        Set<String> trained = recipe.trainedTensors();
        return trained.size() == all.size()
                ? Optional.empty()
                : Optional.of(trained.stream()
                        .mapToLong(name -> all.getOrDefault(name, 0L))
                        .sum());
    }

    private static Map<String, Long> parameters(ModelConfig config, Recipe recipe) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>(ParameterNames.parameters(config));
        if (recipe.hasAuxiliaryRouters()) {
            shapes.putAll(ParameterNames.auxiliaryRouters(config));
        }
        recipe.adapter().ifPresent(adapter -> shapes.putAll(AdapterTensors.of(config, adapter.of(config))));
        Map<String, Long> counts = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> counts.put(name, shape.stream().reduce(1L, Math::multiplyExact)));
        return counts;
    }
}
