package dev.saiki.engine.kernel;

import jdk.incubator.vector.FloatVector;

/// Vectorised loops over parts of rows.
public final class Vectors {

    private Vectors() {}

    /// Computes the dot product of two stretches of arrays.
    ///
    /// The order of summation depends only on the length: one chain of fused multiply-adds for each lane, then the
    /// lanes in their fixed order, then the remainder one by one.
    ///
    /// @param a array that contains the first stretch
    /// @param aFrom index of the first stretch's first number
    /// @param b array that contains the second stretch
    /// @param bFrom index of the second stretch's first number
    /// @param count length of both stretches
    /// @return the sum of the products
    public static float dot(float[] a, int aFrom, float[] b, int bFrom, int count) {
        FloatVector sums = FloatVector.zero(Lanes.FLOATS);
        int whole = Lanes.FLOATS.loopBound(count);
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            FloatVector x = FloatVector.fromArray(Lanes.FLOATS, a, aFrom + i);
            sums = x.fma(FloatVector.fromArray(Lanes.FLOATS, b, bFrom + i), sums);
        }
        float[] lanes = new float[Lanes.COUNT];
        sums.intoArray(lanes, 0);
        float sum = Lanes.sum(lanes, 0);
        for (int i = whole; i < count; i++) {
            sum = Math.fma(a[aFrom + i], b[bFrom + i], sum);
        }
        return sum;
    }
}
