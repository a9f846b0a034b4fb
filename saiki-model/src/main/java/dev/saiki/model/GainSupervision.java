package dev.saiki.model;

/// The teaching of an expert-threshold router by what a further recursion gained in a micro-batch at full
/// depth.
///
/// The router of step r sees the state after r recursions, in which the loss of the next token is ℓ(r). Its
/// target is made of δ = ℓ(r) − ℓ(r + 1), or of how the predictions differ. It keeps its form: the score is
/// the sigmoid of its logit, and what is regressed is the logit, so that a token that gains more scores
/// higher and the thresholds turn ranks into shares as ever.
///
/// @param target what is made of the gains
/// @param coefficient weight of the loss, which is a mean over tokens, summed over steps
/// @param reachesTrunk whether the gradient goes on into the states that the router sees; else it ends at
///     the router
public record GainSupervision(GainTarget target, double coefficient, boolean reachesTrunk) {}
