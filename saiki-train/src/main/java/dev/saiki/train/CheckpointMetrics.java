package dev.saiki.train;

import dev.saiki.checkpoint.Manifest;
import dev.saiki.model.FullDepth;
import dev.saiki.model.GainSupervision;
import dev.saiki.model.GainTarget;
import dev.saiki.train.metrics.MetricNames;
import dev.saiki.train.recipe.Recipe;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The metrics in a checkpoint's manifest.
final class CheckpointMetrics {

    private CheckpointMetrics() {}

    /// Collects the metrics.
    ///
    /// @param recipe the recipe
    /// @param state the state of the run
    /// @param validation the last validation; absent before the first
    /// @return numbers by name
    static Map<String, Double> of(Recipe recipe, RunState state, Optional<ValidationReport> validation) {
        Map<String, Double> metrics = new HashMap<>();
        if (state.depths().hasSwitch()) {
            metrics.put(MetricNames.RECURSIONS, (double) state.depth());
        }
        boolean logitsAreGains = recipe.objective()
                .fullDepth()
                .flatMap(FullDepth::router)
                .map(GainSupervision::target)
                .filter(GainTarget.Regression.class::isInstance)
                .isPresent();
        if (logitsAreGains) {
            metrics.put(Manifest.LOGITS_ARE_GAINS, 1.0);
        }
        validation.ifPresent(report -> metrics.putAll(report.metrics()));
        return metrics;
    }
}
