package dev.saiki.model;

import dev.saiki.model.routing.DepthOverrides;
import dev.saiki.model.routing.RoutingRequest;

/// Options of scoring sequences.
///
/// @param rule causal routing, or the paper's non-causal choice by rank
/// @param maxDepth no token takes more recursions; {@link RoutingRequest#UNBOUNDED} for no bound
/// @param effort compute dial of expert-threshold routing, in (0, 1]; NaN for the configuration's default
/// @param forced depths that tokens take whatever the router says, a row a sequence in the order of the call
public record ScoreOptions(RoutingRequest.Rule rule, int maxDepth, double effort, DepthOverrides forced) {

    /// Causal routing without a bound on the depth.
    public static final ScoreOptions CAUSAL =
            new ScoreOptions(RoutingRequest.Rule.CAUSAL, RoutingRequest.UNBOUNDED, Double.NaN);

    /// Makes options without forced depths.
    ///
    /// @param rule causal routing, or the paper's non-causal choice by rank
    /// @param maxDepth no token takes more recursions
    /// @param effort compute dial; NaN for the configuration's default
    public ScoreOptions(RoutingRequest.Rule rule, int maxDepth, double effort) {
        this(rule, maxDepth, effort, DepthOverrides.NONE);
    }

    /// Forces depths.
    ///
    /// @param depths a row a sequence, in the order of the sequences that will be scored
    /// @return changed options
    public ScoreOptions withForced(DepthOverrides depths) {
        return new ScoreOptions(rule, maxDepth, effort, depths);
    }

    /// The request for some of the sequences.
    RoutingRequest request(int from, int to) {
        return RoutingRequest.evaluation(rule, maxDepth, effort).withForced(forced.ofSequences(from, to));
    }
}
