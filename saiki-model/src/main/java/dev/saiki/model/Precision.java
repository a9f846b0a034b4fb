package dev.saiki.model;

import dev.saiki.tensor.DType;

/// The number format of computation; master weights and routers are always float32.
public enum Precision {
    /// Everything in single precision.
    FLOAT32(DType.FLOAT32),
    /// Weights and activations in bfloat16, losses, routers and weight updates in single precision.
    BFLOAT16(DType.BFLOAT16);

    private final DType dtype;

    Precision(DType dtype) {
        this.dtype = dtype;
    }

    DType dtype() {
        return dtype;
    }
}
