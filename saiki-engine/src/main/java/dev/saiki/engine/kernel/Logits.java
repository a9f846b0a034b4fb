package dev.saiki.engine.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// Vector operations on the logits of a whole vocabulary. Each drawn token needs a few of them; as scalar loops
/// these operations took a tenth of a decode step's time with 32 sequences and a vocabulary of 49,152 ids.
public final class Logits {

    /// The number of vectors whose exponentials are added in float32 before their sum is added to the
    /// double-precision sum.
    private static final int VECTORS_A_BLOCK = 32;

    private Logits() {}

    /// Returns the largest logit.
    ///
    /// @param logits `[V]`
    /// @return the largest logit; NaN if one is NaN, minus infinity if `logits` is empty
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

    /// Finds the first occurrence of a logit.
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

    /// Adds up e^(logit - highest). The error of each term is less than 1.5 units in the last place of float32.
    ///
    /// The order of summation depends only on V.
    ///
    /// @param logits `[V]`; each minus infinity adds less than 2 · 10^-38
    /// @param highest the largest logit
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
