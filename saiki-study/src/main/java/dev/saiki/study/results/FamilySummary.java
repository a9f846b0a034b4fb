package dev.saiki.study.results;

import java.util.List;
import java.util.Optional;

/// A family of models in a study.
///
/// @param name the family's name in the plan
/// @param recipe the recipe that the family is derived from
/// @param learningRates the learning rates in the plan; if there are several, a sweep tries them
/// @param learningRate the learning rate used in the grid; absent until the sweep has chosen it
public record FamilySummary(String name, String recipe, List<Double> learningRates, Optional<Double> learningRate) {
    /// Copies the list.
    public FamilySummary {
        learningRates = List.copyOf(learningRates);
    }
}
