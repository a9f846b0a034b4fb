package dev.saiki.rollout.pair;

/// The outcomes of both sides for one request.
///
/// @param request the body, as JSON
/// @param baseline the baseline's outcome
/// @param candidate the candidate's outcome
public record Pair(String request, Outcome baseline, Outcome candidate) {}
