package dev.saiki.model;

import dev.saiki.model.routing.DepthOverrides;
import dev.saiki.model.routing.RoutingRequest;
import java.util.Collections;
import java.util.List;

/// Options for scoring sequences.
///
/// @param rule causal routing, or the paper's non-causal choice by rank
/// @param maxDepth no token takes more recursions; {@link RoutingRequest#UNBOUNDED} for no bound
/// @param effort compute dial of expert-threshold routing, in [0, 1], 0 being one pass; NaN for the configuration's
/// default
/// @param forced depths of tokens in place of the router's, one row per sequence in the order of the call
/// @param watched positions that {@link TeacherForcedScorer#trace} reports in full, one row per sequence; empty for
///     none
public record ScoreOptions(
        RoutingRequest.Rule rule, int maxDepth, double effort, DepthOverrides forced, List<int[]> watched) {

    /// Keeps its own copy of the list, and bounds the depth at effort 0.
    public ScoreOptions {
        maxDepth = effort == 0 ? 1 : maxDepth;
        watched = List.copyOf(watched);
    }

    /// Causal routing without a bound on the depth.
    public static final ScoreOptions CAUSAL =
            new ScoreOptions(RoutingRequest.Rule.CAUSAL, RoutingRequest.UNBOUNDED, Double.NaN);

    /// Makes options without forced depths.
    ///
    /// @param rule causal routing, or the paper's non-causal choice by rank
    /// @param maxDepth no token takes more recursions
    /// @param effort compute dial; NaN for the configuration's default
    public ScoreOptions(RoutingRequest.Rule rule, int maxDepth, double effort) {
        this(rule, maxDepth, effort, DepthOverrides.NONE, List.of());
    }

    /// Forces depths.
    ///
    /// @param depths a row a sequence, in the order of the sequences that will be scored
    /// @return changed options
    public ScoreOptions withForced(DepthOverrides depths) {
        return new ScoreOptions(rule, maxDepth, effort, depths, watched);
    }

    /// Has {@link TeacherForcedScorer#trace} tell all that the model computed of some tokens.
    ///
    /// @param positions a row a sequence, in the order of the sequences that will be traced
    /// @return changed options
    public ScoreOptions withWatched(List<int[]> positions) {
        return new ScoreOptions(rule, maxDepth, effort, forced, positions);
    }

    /// The watched positions of some of the sequences.
    List<int[]> watched(int from, int to) {
        return watched.isEmpty() ? Collections.nCopies(to - from, new int[0]) : watched.subList(from, to);
    }

    /// The request for some of the sequences.
    RoutingRequest request(int from, int to) {
        return RoutingRequest.evaluation(rule, maxDepth, effort).withForced(forced.ofSequences(from, to));
    }
}
