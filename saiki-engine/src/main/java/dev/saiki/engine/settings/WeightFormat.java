package dev.saiki.engine.settings;

/// The number format in which the engine stores its weight matrices.
public enum WeightFormat {
    /// Four bytes a number: exact, and the reference for the other formats.
    FLOAT32,
    /// Two bytes a number, the upper half of a float32.
    BFLOAT16,
    /// One byte a number, and a float32 scale for each output.
    INT8
}
