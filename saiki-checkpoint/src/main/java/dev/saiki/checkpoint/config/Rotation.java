package dev.saiki.checkpoint.config;

/// The rotation of a layer's queries and keys by their positions.
public enum Rotation {

    /// No rotation.
    NONE,

    /// The model's rotation.
    USUAL,

    /// The rotation of layers with a window, if it is another one: without scaling, and with a base of its own.
    OF_WINDOWS
}
