package dev.saiki.engine.kernel;

/// The rounding of weights to four bits: blocks of neighbouring inputs have a common scale, w ≈ scale · q, q from -8
/// to 7.
///
/// A scale has five significant bits, so that scale · q is exact in bfloat16. To find it, the weights are first rounded
/// with the scale that maps the largest weight to -8. The scale that fits the resulting integers best, by least
/// squares, is then rounded up or down to five bits, whichever leaves the smaller error.
final class FourBits {

    /// The number of inputs in a block.
    static final int BLOCK = 32;

    private static final int LEAST = -8;
    private static final int MOST = 7;

    /// The bits of a float32 that a scale does not have.
    private static final int DROPPED = (1 << 19) - 1;

    private FourBits() {}

    /// Computes the scale of a block.
    ///
    /// @param values weights of an output
    /// @param from index of the block's first weight
    /// @return the scale; 0 if every weight rounds to 0
    /// @throws IllegalArgumentException if a weight is not finite
    static float scale(float[] values, int from) {
        float largest = 0;
        for (int i = from; i < from + BLOCK; i++) {
            if (!Float.isFinite(values[i])) {
                throw new IllegalArgumentException("a weight is " + values[i] + ", which four bits cannot hold");
            }
            largest = Math.abs(values[i]) > Math.abs(largest) ? values[i] : largest;
        }
        float first = largest / LEAST;
        double products = 0;
        double squares = 0;
        for (int i = from; i < from + BLOCK; i++) {
            int number = rounded(values[i], first);
            products += (double) number * values[i];
            squares += number * number;
        }
        int bits = Float.floatToRawIntBits(squares == 0 ? 0 : (float) (products / squares));
        float below = Float.intBitsToFloat(bits & ~DROPPED);
        float above = Float.intBitsToFloat((bits & ~DROPPED) + DROPPED + 1);
        return error(values, from, above) < error(values, from, below) ? above : below;
    }

    private static double error(float[] values, int from, float scale) {
        double error = 0;
        for (int i = from; i < from + BLOCK; i++) {
            double difference = values[i] - scale * rounded(values[i], scale);
            error += difference * difference;
        }
        return error;
    }

    /// Rounds a weight.
    ///
    /// @param value the weight
    /// @param scale scale of its block
    /// @return the integer q; 0 if the scale is 0
    static int rounded(float value, float scale) {
        return scale == 0 ? 0 : (int) Math.clamp(Math.rint(value / scale), LEAST, MOST);
    }

    /// Rounds all weights of an output in place.
    ///
    /// @param values the weights, padded to a multiple of {@link #BLOCK}
    static void round(float[] values) {
        for (int from = 0; from < values.length; from += BLOCK) {
            float scale = scale(values, from);
            for (int i = from; i < from + BLOCK; i++) {
                values[i] = scale * rounded(values[i], scale);
            }
        }
    }
}
