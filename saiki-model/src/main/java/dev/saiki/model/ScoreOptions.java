package dev.saiki.model;

import dev.saiki.model.routing.RoutingRequest;

/// How sequences are scored.
///
/// @param rule causal routing, or the paper's non-causal choice by rank
/// @param maxDepth no token takes more recursions; {@link RoutingRequest#UNBOUNDED} for no bound
/// @param effort compute dial of expert-threshold routing, in (0, 1]; NaN for the configuration's default
public record ScoreOptions(RoutingRequest.Rule rule, int maxDepth, double effort) {

    /// Causal routing without a bound on the depth.
    public static final ScoreOptions CAUSAL =
            new ScoreOptions(RoutingRequest.Rule.CAUSAL, RoutingRequest.UNBOUNDED, Double.NaN);

    RoutingRequest request() {
        return RoutingRequest.evaluation(rule, maxDepth, effort);
    }
}
