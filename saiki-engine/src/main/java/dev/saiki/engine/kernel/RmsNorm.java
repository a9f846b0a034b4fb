package dev.saiki.engine.kernel;

import jdk.incubator.vector.FloatVector;

/// Root-mean-square normalisation: y = x / √(mean(x²) + ε) · weight.
public final class RmsNorm {

    private RmsNorm() {}

    /// Normalises rows.
    ///
    /// The squares are summed as in {@link Vectors#dot}; mean and root are computed in double precision.
    ///
    /// @param input `[n, width]`
    /// @param first index of the first row to normalise
    /// @param count number of rows
    /// @param width length of a row
    /// @param weight `[width]`
    /// @param eps the small number ε, which is added to the mean
    /// @param output `[n, width]`; receives the normalised rows, at the same indices; may be the input
    public static void normalise(
            float[] input, int first, int count, int width, float[] weight, double eps, float[] output) {
        for (int row = first; row < first + count; row++) {
            int from = row * width;
            double mean = (double) Vectors.dot(input, from, input, from, width) / width;
            scale(input, from, width, weight, (float) (1 / Math.sqrt(mean + eps)), output);
        }
    }

    private static void scale(float[] input, int from, int width, float[] weight, float factor, float[] output) {
        FloatVector factors = FloatVector.broadcast(Lanes.FLOATS, factor);
        int whole = Lanes.FLOATS.loopBound(width);
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            FloatVector x = FloatVector.fromArray(Lanes.FLOATS, input, from + i);
            FloatVector scaled = x.mul(factors).mul(FloatVector.fromArray(Lanes.FLOATS, weight, i));
            scaled.intoArray(output, from + i);
        }
        for (int i = whole; i < width; i++) {
            output[from + i] = input[from + i] * factor * weight[i];
        }
    }
}
