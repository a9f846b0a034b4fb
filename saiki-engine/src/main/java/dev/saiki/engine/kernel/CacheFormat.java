package dev.saiki.engine.kernel;

/// The number format of cached keys and values.
public enum CacheFormat {
    /// Float32, which is exact.
    FLOAT32(4),
    /// Bfloat16, the upper half of a float32, rounded to nearest, ties to even.
    BFLOAT16(2);

    private final int bytes;

    CacheFormat(int bytes) {
        this.bytes = bytes;
    }

    /// Returns the size of one number in bytes.
    ///
    /// @return bytes
    public int bytes() {
        return bytes;
    }
}
