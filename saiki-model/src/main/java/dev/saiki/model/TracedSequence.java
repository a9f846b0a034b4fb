package dev.saiki.model;

import java.util.List;

/// A scored sequence with its routing details.
///
/// Steps count from 0; step 0 has no decision, so entry 0 of each per-step list is all NaN. Without a router these
/// lists are empty.
///
/// @param scored log-probabilities and depths
/// @param likeliest whether each id was the likeliest given the earlier ones; false at position 0
/// @param entropies entropy of the next-token distribution at each position, in nats
/// @param confidences the router's confidence at each step that a token should take the step, in [0, 1]; NaN
///     without a decision
/// @param margins how far the decision at each step was from the opposite decision, in log-odds; at least 0 if the
///     decision was to continue; NaN without a decision
/// @param watched the tokens reported in full, in the order of their positions in the options
@SuppressWarnings("ArrayRecordComponent") // Results are not compared.
public record TracedSequence(
        ScoredSequence scored,
        boolean[] likeliest,
        float[] entropies,
        List<float[]> confidences,
        List<float[]> margins,
        List<WatchedToken> watched) {}
