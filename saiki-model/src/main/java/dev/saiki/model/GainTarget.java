package dev.saiki.model;

/// The target of a router that is trained on measured gains.
public sealed interface GainTarget {

    /// The gain δ itself: the loss is the squared error between the logit and δ, where δ is clipped to ± a
    /// bound.
    ///
    /// @param clip the bound, in nats
    record Regression(double clip) implements GainTarget {}

    /// Labels that mark the tokens that should continue, as in TaH2 (arXiv:2609.35748).
    ///
    /// In each step of a micro-batch, the wanted gains are the largest ones, as many as are needed to reach a
    /// share of the sum of all positive gains; δ_cut is the smallest wanted gain. A token is labelled 1 if
    /// δ ≥ δ_cut and, except at step 1, its label at the previous step was 1. The loss is the binary cross-entropy
    /// of the score. A token's weight in the loss is |δ − δ_cut| clamped to [1e-6, 1], or 1e-6 if the label at the
    /// previous step was 0; the weight of a token labelled 1 is multiplied by the ratio of zeros to ones among the
    /// tokens labelled 1 at the previous step.
    ///
    /// @param keptGain the share of the sum of all positive gains, in (0, 1]
    record WeightedLabels(double keptGain) implements GainTarget {}

    /// The change of the prediction: the loss is the squared error between the logit and the clipped
    /// Kullback-Leibler divergence of the deeper prediction from the shallower one. This divergence does not
    /// depend on the actual next token.
    ///
    /// @param clip the bound, in nats
    record Divergence(double clip) implements GainTarget {}
}
