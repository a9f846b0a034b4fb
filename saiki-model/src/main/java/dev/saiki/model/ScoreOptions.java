package dev.saiki.model;

import dev.saiki.model.routing.DepthOverrides;
import dev.saiki.model.routing.RoutingRequest;
import java.util.Collections;
import java.util.List;

/// Options for scoring sequences.
///
/// @param rule causal routing, or the paper's non-causal selection by rank
/// @param maxDepth the maximum number of recursions of a token; {@link RoutingRequest#UNBOUNDED} for no limit
/// @param effort the effort of expert-threshold routing, in [0, 1], where 0 is one pass; NaN for the configured
///     default
/// @param forced depths that override the router's, one row per scored sequence, in order
/// @param watched positions that {@link TeacherForcedScorer#trace} reports in full, one row per sequence; empty for
///     none
public record ScoreOptions(
        RoutingRequest.Rule rule, int maxDepth, double effort, DepthOverrides forced, List<int[]> watched) {

    /// Copies the list, and limits the depth to 1 at effort 0.
    public ScoreOptions {
        maxDepth = effort == 0 ? 1 : maxDepth;
        watched = List.copyOf(watched);
    }

    /// Causal routing without a depth limit.
    public static final ScoreOptions CAUSAL =
            new ScoreOptions(RoutingRequest.Rule.CAUSAL, RoutingRequest.UNBOUNDED, Double.NaN);

    /// Creates options without forced depths.
    ///
    /// @param rule causal routing, or the paper's non-causal selection by rank
    /// @param maxDepth the maximum number of recursions of a token
    /// @param effort the effort; NaN for the configured default
    public ScoreOptions(RoutingRequest.Rule rule, int maxDepth, double effort) {
        this(rule, maxDepth, effort, DepthOverrides.NONE, List.of());
    }

    /// Sets forced depths.
    ///
    /// @param depths one row per sequence, in the order of the sequences to score
    /// @return the changed options
    public ScoreOptions withForced(DepthOverrides depths) {
        return new ScoreOptions(rule, maxDepth, effort, depths, watched);
    }

    /// Makes {@link TeacherForcedScorer#trace} report some tokens in full.
    ///
    /// @param positions one row per sequence, in the order of the sequences to trace
    /// @return the changed options
    public ScoreOptions withWatched(List<int[]> positions) {
        return new ScoreOptions(rule, maxDepth, effort, forced, positions);
    }

    /// The watched positions of some of the sequences.
    List<int[]> watched(int from, int to) {
        return watched.isEmpty() ? Collections.nCopies(to - from, new int[0]) : watched.subList(from, to);
    }

    /// The routing request for some of the sequences.
    RoutingRequest request(int from, int to) {
        return RoutingRequest.evaluation(rule, maxDepth, effort).withForced(forced.ofSequences(from, to));
    }
}
