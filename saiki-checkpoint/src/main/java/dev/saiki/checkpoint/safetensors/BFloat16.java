package dev.saiki.checkpoint.safetensors;

/// Rounding to bfloat16.
public final class BFloat16 {

    private BFloat16() {}

    /// Rounds to the nearest bfloat16, ties to even. Overflow gives infinity, and NaN stays NaN.
    ///
    /// @param value any number
    /// @return the upper half of a float32
    public static short of(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) ((bits >>> 16) | 0x40);
        }
        return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
    }

    /// Widens a bfloat16 to float32, which is exact.
    ///
    /// @param bits the upper half of a float32
    /// @return the same number as a float32
    public static float toFloat(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }
}
