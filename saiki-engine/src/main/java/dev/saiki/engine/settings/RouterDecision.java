package dev.saiki.engine.settings;

/// A decision of a router about a token and a recursion step.
///
/// @param step recursion step to which the decision applies, from 1, because all tokens take step 0
/// @param score the score that was compared: for expert routing the sigmoid of the deciding logit, for token
///     choice the best score of the depths that include the step, for random routing the drawn number
/// @param threshold the value with which the score is compared; for token choice the best score of the shallower
///     depths
/// @param continues result of the comparison, before bounds and forced depths are applied. In a tie the token
///     continues, except with token choice, where ties go to the shallower depth
public record RouterDecision(int step, double score, double threshold, boolean continues) {}
