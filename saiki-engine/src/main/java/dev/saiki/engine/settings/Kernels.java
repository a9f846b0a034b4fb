package dev.saiki.engine.settings;

/// The kernels that multiply rows by weights.
public enum Kernels {

    /// Kernels in C, with the processor's bfloat16 instructions; for bfloat16 and int8 weights.
    C,

    /// Kernels in Java.
    JAVA
}
