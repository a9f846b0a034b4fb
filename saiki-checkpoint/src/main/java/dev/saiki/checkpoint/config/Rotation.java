package dev.saiki.checkpoint.config;

/// The rotation of a layer's queries and keys by their positions.
public enum Rotation {

    /// No rotation.
    NONE,

    /// The model's rotation.
    USUAL,

    /// The rotation of layers with a window, in families in which it is never scaled and may have its own base.
    OF_WINDOWS
}
