package dev.saiki.engine.settings;

/// The number format of cached keys and values.
public enum CacheFormat {
    /// Float32, which is exact.
    FLOAT32(4, 0),
    /// Bfloat16, the upper half of a float32, rounded to nearest, ties to even.
    BFLOAT16(2, 0),
    /// Eight bits: a scale in float32, then each number as a whole number from -127 to 127. Only the kernels in C
    /// read it.
    INT8(1, Float.BYTES);

    private final int bytes;
    private final int scaleBytes;

    CacheFormat(int bytes, int scaleBytes) {
        this.bytes = bytes;
        this.scaleBytes = scaleBytes;
    }

    /// Returns the size of one number in bytes.
    ///
    /// @return bytes
    public int bytes() {
        return bytes;
    }

    /// Returns the size of one key or value.
    ///
    /// @param dim length of the key or value
    /// @return bytes
    public long slotBytes(int dim) {
        return scaleBytes + (long) dim * bytes;
    }

    /// Returns the default for an engine's weights. With INT8 and INT6 weights it is BFLOAT16, because INT8 keys
    /// and values would cost the built-in model five times as much loss as eight bits of the weights do.
    ///
    /// @param weights number format of the weights
    /// @param inC whether the kernels are in C
    /// @return the format
    public static CacheFormat beside(WeightFormat weights, boolean inC) {
        return switch (weights) {
            case FLOAT32 -> FLOAT32;
            case BFLOAT16, INT8, INT6 -> BFLOAT16;
            case INT4 -> inC ? INT8 : BFLOAT16;
        };
    }
}
