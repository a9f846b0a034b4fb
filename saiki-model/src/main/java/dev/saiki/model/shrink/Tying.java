package dev.saiki.model.shrink;

/// The rule that computes a shared layer's matrices from the layers that it replaces (Bae et al.,
/// arXiv:2410.20672).
public enum Tying {

    /// The lowest of the replaced layers: the first step equals the base model's own layers.
    LOWER,

    /// The mean of the replaced layers.
    AVERAGE,

    /// Tied layers at equal distances, from the first to the last: one for each shared layer.
    STEPWISE
}
