package dev.saiki.engine.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/// Softmax over the scores of one query: e^x divided by the sum of e^x over all scores.
public final class Softmax {

    private Softmax() {}

    /// Replaces scores by weights that add up to 1, in place.
    ///
    /// After the multiplication by the factor, the largest score is subtracted. The order of summation depends
    /// only on `count`.
    ///
    /// @param scores array that contains the scores
    /// @param from index of the first score
    /// @param count number of scores, at least 1
    /// @param factor factor by which the scores are multiplied
    /// @param sums array that receives the largest score and, in the next element, the sum of the powers
    /// @param to index in `sums` of the largest score
    public static void inPlace(float[] scores, int from, int count, float factor, float[] sums, int to) {
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = from; i < from + count; i++) {
            scores[i] *= factor;
            largest = Math.max(largest, scores[i]);
        }
        sums[to] = largest;
        sums[to + 1] = exponentials(scores, from, count, largest);
        float scale = 1 / sums[to + 1];
        for (int i = from; i < from + count; i++) {
            scores[i] *= scale;
        }
    }

    /// Replaces scores by e^(score - largest) and returns the sum of these powers.
    private static float exponentials(float[] scores, int from, int count, float largest) {
        FloatVector sums = FloatVector.zero(Lanes.FLOATS);
        int whole = Lanes.FLOATS.loopBound(count);
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            FloatVector power = Exponential.of(
                    FloatVector.fromArray(Lanes.FLOATS, scores, from + i).sub(largest));
            power.intoArray(scores, from + i);
            sums = sums.add(power);
        }
        float[] lanes = new float[2 * Lanes.COUNT];
        sums.intoArray(lanes, 0);
        float sum = Lanes.sum(lanes, 0);
        if (whole < count) {
            Arrays.fill(lanes, 0);
            System.arraycopy(scores, from + whole, lanes, 0, count - whole);
            Exponential.of(FloatVector.fromArray(Lanes.FLOATS, lanes, 0).sub(largest))
                    .intoArray(lanes, Lanes.COUNT);
            System.arraycopy(lanes, Lanes.COUNT, scores, from + whole, count - whole);
            for (int i = from + whole; i < from + count; i++) {
                sum += scores[i];
            }
        }
        return sum;
    }
}
