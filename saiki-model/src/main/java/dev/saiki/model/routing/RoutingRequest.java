package dev.saiki.model.routing;

import java.util.List;

/// The routing options of one forward pass.
///
/// @param rule the rule for selecting tokens
/// @param maxDepth the maximum number of recursions of a token; {@link #UNBOUNDED} for no limit
/// @param capacities the share of all tokens at each step, for {@link Rule#TOP_K}; empty for the configured ones
/// @param effort the effort of expert-threshold routing, in (0, 1]; NaN for the configured default
/// @param randomScores the scores of the random router
/// @param everyTokenDeepest whether every token takes all recursions, as in token choice's balancing warm-up and
///     at full depth; expert choice ignores this setting when it selects by rank
/// @param losses whether to compute the router's losses
/// @param forced depths that override the router's, for the causal rule; the depth limit applies to them too
/// @param traced whether to record the router's confidence
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

    /// No depth limit.
    public static final int UNBOUNDED = Integer.MAX_VALUE;

    /// The rule by which a step selects its tokens.
    public enum Rule {
        /// Selection by comparing the token's own score with a threshold: later tokens have no effect.
        CAUSAL,
        /// Selection of the best scores of the whole sequence: the rule for training expert choice. This rule
        /// depends on later tokens.
        TOP_K
    }

    /// Copies the list.
    ///
    /// @throws IllegalArgumentException if the depth limit is below 1, or depths are forced or traced with
    ///     selection by rank
    public RoutingRequest {
        capacities = List.copyOf(capacities);
        if (maxDepth < 1) {
            throw new IllegalArgumentException("maxDepth must be at least 1, got " + maxDepth);
        }
        if (rule == Rule.TOP_K && (traced || !forced.isEmpty())) {
            throw new IllegalArgumentException("forcing or tracing depths requires causal routing");
        }
    }

    /// Routes for evaluation and decoding.
    ///
    /// @param rule the rule, causal or top-k
    /// @param maxDepth the depth limit
    /// @param effort the effort; NaN for the default
    /// @return the request
    public static RoutingRequest evaluation(Rule rule, int maxDepth, double effort) {
        return new RoutingRequest(
                rule, maxDepth, List.of(), effort, RandomScores.causal(), false, false, DepthOverrides.NONE, false);
    }

    /// Routes for training.
    ///
    /// @param capacities the share of all tokens at each step, with the warm-up applied; empty for the configured
    ///     ones
    /// @param randomScores the scores of the random router
    /// @param everyTokenDeepest whether token-choice balancing is still in warm-up
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

    /// Routes in training by the causal rule, at a given effort.
    ///
    /// @param effort the effort of this micro-batch
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

    /// Routes every token through every recursion in training, whatever a router decides.
    ///
    /// @param maxDepth the depth limit
    /// @param randomScores the scores of the random router, which may be used as gates
    /// @return the request
    public static RoutingRequest trainingAtFullDepth(int maxDepth, RandomScores randomScores) {
        return new RoutingRequest(
                Rule.CAUSAL, maxDepth, List.of(), 1, randomScores, true, true, DepthOverrides.NONE, false);
    }

    /// Limits the depth.
    ///
    /// @param depth the maximum number of recursions of a token; {@link #UNBOUNDED} for no limit
    /// @return the changed request
    public RoutingRequest withMaxDepth(int depth) {
        return new RoutingRequest(
                rule, depth, capacities, effort, randomScores, everyTokenDeepest, losses, forced, traced);
    }

    /// Disables the router's losses.
    ///
    /// @return the changed request
    public RoutingRequest withoutLosses() {
        return new RoutingRequest(
                rule, maxDepth, capacities, effort, randomScores, everyTokenDeepest, false, forced, traced);
    }

    /// Sets forced depths.
    ///
    /// @param depths the depths
    /// @return the changed request
    public RoutingRequest withForced(DepthOverrides depths) {
        return new RoutingRequest(
                rule, maxDepth, capacities, effort, randomScores, everyTokenDeepest, losses, depths, traced);
    }

    /// Enables recording of the router's decisions.
    ///
    /// @return the changed request
    public RoutingRequest withTrace() {
        return new RoutingRequest(
                rule, maxDepth, capacities, effort, randomScores, everyTokenDeepest, losses, forced, true);
    }
}
