package dev.saiki.engine.settings;

/// A decision of a router about a token and a recursion step.
///
/// @param step that was asked for, from 1: the first is everyone's
/// @param score for expert routing the sigmoid of the logit that decides, for token choice the best score
///     of the depths that take the step, for random routing the number drawn
/// @param threshold what the score is compared with; for token choice the best score of the shallower depths
/// @param goesOn what follows from the two, before any bound and before any depth is forced. Equality
///     passes; not with token choice, whose ties go to the shallower
public record RouterDecision(int step, double score, double threshold, boolean goesOn) {}
