package dev.saiki.engine.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// Vector operations on the logits of a whole vocabulary: each drawn token needs a few of them, and at 32
/// sequences with 49,152 ids the scalar versions took a tenth of a step.
public final class Logits {

    /// The number of vectors whose exponentials are added in float32 before the result is added to the
    /// double-precision sum.
    private static final int VECTORS_A_BLOCK = 32;

    private Logits() {}

    /// Returns the largest number.
    ///
    /// @param logits `[V]`
    /// @return the largest; NaN if one is NaN, minus infinity if there is none
    public static float largest(float[] logits) {
        FloatVector most = FloatVector.broadcast(Lanes.FLOATS, Float.NEGATIVE_INFINITY);
        int whole = Lanes.FLOATS.loopBound(logits.length);
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            most = most.max(FloatVector.fromArray(Lanes.FLOATS, logits, i));
        }
        float largest = most.reduceLanes(VectorOperators.MAX);
        for (int i = whole; i < logits.length; i++) {
            largest = Math.max(largest, logits[i]);
        }
        return largest;
    }

    /// Finds a number.
    ///
    /// @param logits `[V]`
    /// @param number the logit to find; not NaN
    /// @return the lowest id with that logit; V if there is none
    public static int firstOf(float[] logits, float number) {
        int whole = Lanes.FLOATS.loopBound(logits.length);
        int id = 0;
        while (id < whole
                && !FloatVector.fromArray(Lanes.FLOATS, logits, id).eq(number).anyTrue()) {
            id += Lanes.COUNT;
        }
        while (id < logits.length && logits[id] != number) {
            id++;
        }
        return id;
    }

    /// Adds up e^(logit - highest), with an error of less than 1.5 units in the last place of float32 for each.
    ///
    /// The order of summation depends on V alone.
    ///
    /// @param logits `[V]`; minus infinity adds less than 2 · 10^-38
    /// @param highest the largest of them
    /// @return the sum, at least 1
    public static double exponentialSum(float[] logits, float highest) {
        float[] lanes = new float[Lanes.COUNT];
        int whole = Lanes.FLOATS.loopBound(logits.length);
        int block = VECTORS_A_BLOCK * Lanes.COUNT;
        double sum = 0;
        for (int from = 0; from < whole; from += block) {
            FloatVector sums = FloatVector.zero(Lanes.FLOATS);
            for (int i = from; i < Math.min(whole, from + block); i += Lanes.COUNT) {
                sums = sums.add(Exponential.of(
                        FloatVector.fromArray(Lanes.FLOATS, logits, i).sub(highest)));
            }
            sums.intoArray(lanes, 0);
            sum += Lanes.sum(lanes, 0);
        }
        for (int i = whole; i < logits.length; i++) {
            sum += Math.exp(logits[i] - (double) highest);
        }
        return sum;
    }
}
