package dev.saiki.engine.kernel;

/// The number format of cached keys and values.
public enum CacheFormat {
    /// Exact.
    FLOAT32(4),
    /// The upper half of a float32, rounded to nearest, ties to even.
    BFLOAT16(2);

    private final int bytes;

    CacheFormat(int bytes) {
        this.bytes = bytes;
    }

    /// Returns the size of one number.
    ///
    /// @return bytes
    public int bytes() {
        return bytes;
    }
}
