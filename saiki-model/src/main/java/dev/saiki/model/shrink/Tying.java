package dev.saiki.model.shrink;

/// The rule by which a shared layer gets its matrices from the layers that it stands for (Bae et al.,
/// arXiv:2410.20672).
public enum Tying {

    /// The lowest layers: the first step is the model's own.
    LOWER,

    /// The mean of the layers that it stands for.
    AVERAGE,

    /// Layers at equal distances, the first and the last among them.
    STEPWISE
}
