package dev.saiki.engine.kernel;

/// The rounding of weights to eight bits: an output's weights have a common scale, w ≈ scale · q, q from -127 to 127.
///
/// The scale is the largest absolute weight of the output divided by 127, or 1 if all weights are zero. q is w /
/// scale rounded to the nearest integer, ties to even, so the error of a weight is at most half a scale.
final class EightBits {

    private static final int LARGEST = 127;

    private EightBits() {}

    /// Rounds a weight.
    ///
    /// @param value the weight
    /// @param scale scale of the weight's output
    /// @return the rounded weight q
    static int rounded(float value, float scale) {
        long rounded = Math.round(Math.rint((double) value / scale));
        return Math.clamp(rounded, -LARGEST, LARGEST);
    }

    /// Computes the scale of an output.
    ///
    /// @param values weights of the output
    /// @return the weight that the integer 1 represents
    /// @throws IllegalArgumentException if a weight is not finite
    static float scale(float[] values) {
        float largest = 0;
        for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        if (!Float.isFinite(largest)) {
            throw new IllegalArgumentException("a weight is " + largest + ", which eight bits cannot hold");
        }
        float scale = largest / LARGEST;
        return scale == 0 ? 1 : scale;
    }
}
