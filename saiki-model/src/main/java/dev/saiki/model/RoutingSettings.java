package dev.saiki.model;

import dev.saiki.checkpoint.config.CausalBy;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.RouterFunction;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.model.routing.ExpertChoice;
import dev.saiki.model.routing.RouterThresholds;
import java.util.List;
import java.util.Optional;

/// The routing settings of a model, from its configuration and thresholds.
///
/// @param config the model
/// @param thresholds the thresholds of expert-threshold routing
record RoutingSettings(ModelConfig config, Optional<RouterThresholds> thresholds) {

    ExpertChoice.Setting of(Routing.ExpertThreshold routing, double requestedEffort) {
        RouterThresholds moving = thresholds.orElseThrow();
        double effort = moving.effort(requestedEffort);
        return new ExpertChoice.Setting(
                config.numRecursions(),
                routing.router().function(),
                routing.router().alpha(),
                routing.router().gating(),
                routing.capacities(effort, config.numRecursions()),
                moving.at(effort),
                false);
    }

    ExpertChoice.Setting of(Routing.ExpertChoice choice) {
        return new ExpertChoice.Setting(
                config.numRecursions(),
                choice.router().function(),
                choice.router().alpha(),
                choice.router().gating(),
                choice.capacity(),
                choice.threshold(),
                choice.causalBy() == CausalBy.AUXILIARY_ROUTER);
    }

    ExpertChoice.Setting of(Routing.Random random) {
        return new ExpertChoice.Setting(
                config.numRecursions(),
                RouterFunction.NONE,
                random.alpha(),
                random.gating(),
                random.capacity(),
                List.of(),
                false);
    }
}
