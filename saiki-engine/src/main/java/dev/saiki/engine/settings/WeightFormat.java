package dev.saiki.engine.settings;

/// The number format in which the engine stores its weight matrices.
public enum WeightFormat {
    /// Four bytes per number: exact, and the reference for the other formats.
    FLOAT32,
    /// Two bytes per number, the upper half of a float32.
    BFLOAT16,
    /// One byte per number, and a float32 scale for each output.
    INT8,
    /// Half a byte per number in the layers, and a scale of two bytes for each 32 inputs; {@link #INT8} elsewhere.
    /// On a machine without kernels in C, layers are rounded to four bits and then stored in bfloat16.
    INT4
}
