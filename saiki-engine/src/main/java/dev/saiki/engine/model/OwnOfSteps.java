package dev.saiki.engine.model;

import java.util.List;

/// The separate weights of a layer for the rows of a batch that are at one recursion step.
///
/// @param weights norms and updates
/// @param first index of the first row
/// @param count number of rows
record OwnOfSteps(StepWeights weights, int first, int count) {

    /// Finds the separate weights for each group of rows at one step. If no step has separate weights, all rows
    /// are one group.
    static List<OwnOfSteps> of(LayerWeights layer, RowBatch batch) {
        if (layer.steps().isEmpty()) {
            return List.of(new OwnOfSteps(layer.shared(), 0, batch.count()));
        }
        return batch.bySteps().stream()
                .map(rows -> new OwnOfSteps(
                        rows.step() == 0 ? layer.shared() : layer.steps().get(rows.step() - 1),
                        rows.first(),
                        rows.count()))
                .toList();
    }
}
