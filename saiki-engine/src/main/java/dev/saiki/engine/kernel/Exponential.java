package dev.saiki.engine.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// e^x for vectors of float32, with an error below 1.5 units in the last place.
///
/// `lanewise(EXP)` calls a native library in compiled code and `StrictMath` in interpreted code, and the two
/// differ in the last bit. This implementation uses only operations that are bit-exact in both. x is split into n
/// · ln 2 + r with |r| at most ln 2 / 2. e^r is the polynomial of Cephes (Moshier, `expf`), and n is added to the
/// exponent of the float32 e^r.
final class Exponential {

    /// The least argument. It replaces smaller arguments, so that no result is subnormal.
    static final float LEAST = -87;

    /// The greatest argument. It replaces larger arguments, so that no result is infinite.
    static final float LARGEST = 88;

    private static final float LOG2_E = 1.442695f;

    /// Adding 1.5 · 2^23 rounds to an integer and leaves it in the low bits.
    private static final float ROUNDER = 0x1.8p23f;

    // ln 2 in two parts. The product of the first part with an integer below 2^15 is exact.
    private static final float LN2_UPPER = 0x1.63p-1f;
    private static final float LN2_LOWER = -2.1219444e-4f;

    private static final int EXPONENT_SHIFT = 23;

    private Exponential() {}

    /// Computes e^x.
    ///
    /// @param x exponents; clamped to the range from {@link #LEAST} to {@link #LARGEST}, except that NaN stays NaN
    /// @return e^x
    static FloatVector of(FloatVector x) {
        FloatVector clamped = x.max(LEAST).min(LARGEST);
        FloatVector shifted =
                clamped.fma(FloatVector.broadcast(Lanes.FLOATS, LOG2_E), FloatVector.broadcast(Lanes.FLOATS, ROUNDER));
        FloatVector n = shifted.sub(ROUNDER);
        FloatVector r = n.fma(FloatVector.broadcast(Lanes.FLOATS, -LN2_UPPER), clamped);
        r = n.fma(FloatVector.broadcast(Lanes.FLOATS, -LN2_LOWER), r);
        FloatVector tail = FloatVector.broadcast(Lanes.FLOATS, 1.9875691e-4f);
        tail = tail.fma(r, FloatVector.broadcast(Lanes.FLOATS, 1.3981999e-3f));
        tail = tail.fma(r, FloatVector.broadcast(Lanes.FLOATS, 8.333452e-3f));
        tail = tail.fma(r, FloatVector.broadcast(Lanes.FLOATS, 4.1665796e-2f));
        tail = tail.fma(r, FloatVector.broadcast(Lanes.FLOATS, 0.16666666f));
        tail = tail.fma(r, FloatVector.broadcast(Lanes.FLOATS, 0.5f));
        FloatVector power = tail.fma(r.mul(r), r).add(1);
        return power.reinterpretAsInts()
                .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, EXPONENT_SHIFT))
                .reinterpretAsFloats();
    }
}
