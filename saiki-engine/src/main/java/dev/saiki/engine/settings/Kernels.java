package dev.saiki.engine.settings;

/// The kernels that multiply rows by weights.
public enum Kernels {

    /// Kernels in C, with the processor's bfloat16 instructions; for bfloat16, int8 and int4 weights.
    C,

    /// Kernels in Java.
    JAVA
}
