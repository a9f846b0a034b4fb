package dev.saiki.engine.settings;

/// The kernels that multiply rows by weights.
public enum Kernels {

    /// Kernels in C, with the processor's instructions for bfloat16 and bytes.
    C,

    /// Kernels in Java.
    JAVA
}
