package dev.saiki.model.shrink;

/// The rule that computes a shared layer's matrices from the layers that it replaces (Bae et al., arXiv:2410.20672).
public enum Tying {

    /// The lowest layers: the first step is the model's own.
    LOWER,

    /// The mean of the layers that it stands for.
    AVERAGE,

    /// Layers at equal distances, the first and the last among them.
    STEPWISE
}
