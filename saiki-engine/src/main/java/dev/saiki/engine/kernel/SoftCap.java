package dev.saiki.engine.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// A smooth bound c of numbers x: c · tanh(x / c), computed as c − 2c / (1 + e^(2x / c)).
public final class SoftCap {

    private SoftCap() {}

    /// Multiplies numbers by a factor and bounds the products, in place.
    ///
    /// @param numbers array that contains the numbers
    /// @param from index of the first number
    /// @param count number of numbers
    /// @param factor the factor
    /// @param cap the bound, positive
    public static void inPlace(float[] numbers, int from, int count, float factor, float cap) {
        float exponent = 2 * factor / cap;
        FloatVector bound = FloatVector.broadcast(Lanes.FLOATS, cap);
        FloatVector twice = FloatVector.broadcast(Lanes.FLOATS, 2 * cap);
        for (int i = 0; i < count; i += Lanes.COUNT) {
            VectorMask<Float> present = Lanes.FLOATS.indexInRange(i, count);
            FloatVector x = FloatVector.fromArray(Lanes.FLOATS, numbers, from + i, present);
            FloatVector power = Exponential.of(x.mul(exponent));
            bound.sub(twice.div(power.add(1))).intoArray(numbers, from + i, present);
        }
    }
}
