package dev.saiki.model.routing;

import java.util.List;

/// The routing options of one forward pass.
///
/// @param rule by which tokens are chosen
/// @param maxDepth no token takes more recursions; {@link #UNBOUNDED} for no bound
/// @param capacities share of all tokens at each step, for {@link Rule#TOP_K}; empty for the configuration's own
/// @param effort the compute dial of expert-threshold routing, in (0, 1]; NaN for the configuration's default
/// @param randomScores the scores of the random router
/// @param everyTokenDeepest sends every token through all recursions: for token choice (balancing warm-up), and for
///     the causal rule
/// @param losses whether the losses of the router are computed
/// @param forced depths of tokens in place of the router's, for the causal rule; the bound applies to them too
/// @param traced whether the router's confidence is noted
public record RoutingRequest(
        Rule rule,
        int maxDepth,
        List<Double> capacities,
        double effort,
        RandomScores randomScores,
        boolean everyTokenDeepest,
        boolean losses,
        DepthOverrides forced,
        boolean traced) {

    /// No bound on the depth.
    public static final int UNBOUNDED = Integer.MAX_VALUE;

    /// The rule by which an expert chooses its tokens.
    public enum Rule {
        /// By the token's own score against a threshold: what comes later cannot matter.
        CAUSAL,
        /// The best scores of the whole sequence: how expert choice trains. It depends on later tokens.
        TOP_K
    }

    /// Keeps its own copy of the list.
    ///
    /// @throws IllegalArgumentException if the bound is below 1, or depths are forced or traced with choice by rank
    public RoutingRequest {
        capacities = List.copyOf(capacities);
        if (maxDepth < 1) {
            throw new IllegalArgumentException("maxDepth must be at least 1, got " + maxDepth);
        }
        if (rule == Rule.TOP_K && (traced || !forced.isEmpty())) {
            throw new IllegalArgumentException("depths are forced and traced with causal routing only");
        }
    }

    /// Routes for evaluation and decoding.
    ///
    /// @param rule causal or top-k
    /// @param maxDepth bound on the depth
    /// @param effort the compute dial; NaN for the default
    /// @return the request
    public static RoutingRequest evaluation(Rule rule, int maxDepth, double effort) {
        return new RoutingRequest(
                rule, maxDepth, List.of(), effort, RandomScores.causal(), false, false, DepthOverrides.NONE, false);
    }

    /// Routes for training.
    ///
    /// @param capacities share of all tokens at each step, warm-up included; empty for the configuration's own
    /// @param randomScores the scores of the random router
    /// @param everyTokenDeepest whether token-choice balancing is still warming up
    /// @return the request
    public static RoutingRequest training(
            List<Double> capacities, RandomScores randomScores, boolean everyTokenDeepest) {
        return new RoutingRequest(
                Rule.TOP_K,
                UNBOUNDED,
                capacities,
                Double.NaN,
                randomScores,
                everyTokenDeepest,
                true,
                DepthOverrides.NONE,
                false);
    }

    /// Routes every token through every recursion in training.
    ///
    /// @param effort the compute dial of this micro-batch
    /// @return the request
    public static RoutingRequest trainingAtEffort(double effort) {
        return new RoutingRequest(
                Rule.CAUSAL,
                UNBOUNDED,
                List.of(),
                effort,
                RandomScores.causal(),
                false,
                true,
                DepthOverrides.NONE,
                false);
    }

    /// Routes for training with every token in every recursion, whatever a router says.
    ///
    /// @param maxDepth bound on the depth
    /// @param randomScores the scores of the random router, which may gate
    /// @return the request
    public static RoutingRequest trainingAtFullDepth(int maxDepth, RandomScores randomScores) {
        return new RoutingRequest(
                Rule.CAUSAL, maxDepth, List.of(), 1, randomScores, true, true, DepthOverrides.NONE, false);
    }

    /// Bounds the depth.
    ///
    /// @param depth no token takes more recursions; {@link #UNBOUNDED} for no bound
    /// @return a changed request
    public RoutingRequest withMaxDepth(int depth) {
        return new RoutingRequest(
                rule, depth, capacities, effort, randomScores, everyTokenDeepest, losses, forced, traced);
    }

    /// Leaves the losses of the router out.
    ///
    /// @return a changed request
    public RoutingRequest withoutLosses() {
        return new RoutingRequest(
                rule, maxDepth, capacities, effort, randomScores, everyTokenDeepest, false, forced, traced);
    }

    /// Forces depths.
    ///
    /// @param depths the depths
    /// @return a changed request
    public RoutingRequest withForced(DepthOverrides depths) {
        return new RoutingRequest(
                rule, maxDepth, capacities, effort, randomScores, everyTokenDeepest, losses, depths, traced);
    }

    /// Notes what the router says of each token.
    ///
    /// @return a changed request
    public RoutingRequest withTrace() {
        return new RoutingRequest(
                rule, maxDepth, capacities, effort, randomScores, everyTokenDeepest, losses, forced, true);
    }
}
