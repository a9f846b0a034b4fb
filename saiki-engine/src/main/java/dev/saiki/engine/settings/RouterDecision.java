package dev.saiki.engine.settings;

/// A decision of a router about a token and a recursion step.
///
/// @param step recursion step that was decided, from 1; all tokens take the first one
/// @param score for expert routing the sigmoid of the deciding logit, for token choice the best score of the
///     depths that include the step, for random routing the drawn number
/// @param threshold the value that the score is compared with; for token choice the best score of the shallower
///     depths
/// @param continues result of the comparison, before bounds and forced depths. In a tie the token continues; with
///     token choice it does not, because ties go to the shallower depth
public record RouterDecision(int step, double score, double threshold, boolean continues) {}
