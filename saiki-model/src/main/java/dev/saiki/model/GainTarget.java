package dev.saiki.model;

/// The target of a router that is taught by measured gain.
public sealed interface GainTarget {

    /// The gain itself: the squared error between the logit and δ, which is clipped to plus and minus a bound.
    ///
    /// @param clip the bound, in nats
    record Regression(double clip) implements GainTarget {}

    /// Labels for tokens that continue, after TaH2 (arXiv:2609.35748).
    ///
    /// Of a step's positive gains in a micro-batch the largest that together hold a share of the sum are
    /// wanted; δ_cut is the least of these. A token is labelled 1 if it was at the step before and δ ≥
    /// δ_cut. The loss is the binary cross-entropy of the score, weighed by |δ − δ_cut| within 1e-6 and 1,
    /// and by 1e-6 where the step before was labelled 0; labels of 1 are scaled by how many zeros there are
    /// for one of them among the tokens labelled 1 at the step before.
    ///
    /// @param keptGain the share of the sum, in (0, 1]
    record WeightedLabels(double keptGain) implements GainTarget {}

    /// The change of the prediction: the squared error between the logit and the clipped Kullback-Leibler
    /// divergence of the deeper prediction from the shallower one. It does not depend on the true next token.
    ///
    /// @param clip the bound, in nats
    record Divergence(double clip) implements GainTarget {}
}
