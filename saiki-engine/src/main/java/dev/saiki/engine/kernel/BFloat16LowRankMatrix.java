package dev.saiki.engine.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// A low-rank matrix in bfloat16, the upper half of a float32.
///
/// A 32-bit number holds the weights of two neighbouring ranks for the same input or output: the even rank in the
/// upper half, the odd rank in the lower half. A mask converts the even rank's weight to float32, a shift the odd
/// rank's weight.
final class BFloat16LowRankMatrix extends LowRankMatrix {

    private static final int UPPER = 0xffff0000;

    /// `[padded / 2, in]`, two ranks in each number.
    private final int[] down;

    /// `[padded / 2, out]`, two ranks in each number; transposed and scaled.
    private final int[] up;

    BFloat16LowRankMatrix(float[] down, float[] up, int inputs, int outputs, int rank, int firstOutput) {
        super(inputs, outputs, rank, firstOutput);
        this.down = pairs(down, inputs);
        this.up = pairs(up, outputs);
    }

    private static int[] pairs(float[] values, int width) {
        int[] pairs = new int[values.length / 2];
        for (int i = 0; i < pairs.length; i++) {
            int even = i / width * 2 * width + i % width;
            pairs[i] = BFloat16.of(values[even]) << 16 | Short.toUnsignedInt(BFloat16.of(values[even + width]));
        }
        return pairs;
    }

    @Override
    public long bytes() {
        return (long) Integer.BYTES * (down.length + up.length);
    }

    @Override
    void narrow(float[] rows, int from, int k, float[] lanes, float[] narrow) {
        int first = k / 2 * inputs;
        int second = first + inputs;
        FloatVector a = FloatVector.zero(Lanes.FLOATS);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int whole = Lanes.FLOATS.loopBound(inputs);
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            FloatVector x = FloatVector.fromArray(Lanes.FLOATS, rows, from + i);
            IntVector ab = IntVector.fromArray(Lanes.INTS, down, first + i);
            IntVector cd = IntVector.fromArray(Lanes.INTS, down, second + i);
            a = x.fma(even(ab), a);
            b = x.fma(odd(ab), b);
            c = x.fma(even(cd), c);
            d = x.fma(odd(cd), d);
        }
        a.intoArray(lanes, 0);
        b.intoArray(lanes, Lanes.COUNT);
        c.intoArray(lanes, 2 * Lanes.COUNT);
        d.intoArray(lanes, 3 * Lanes.COUNT);
        Lanes.sumFour(lanes, 0, narrow, k);
        for (int i = whole; i < inputs; i++) {
            float x = rows[from + i];
            narrow[k] = Math.fma(x, even(down[first + i]), narrow[k]);
            narrow[k + 1] = Math.fma(x, odd(down[first + i]), narrow[k + 1]);
            narrow[k + 2] = Math.fma(x, even(down[second + i]), narrow[k + 2]);
            narrow[k + 3] = Math.fma(x, odd(down[second + i]), narrow[k + 3]);
        }
    }

    @Override
    void widen(float[] narrow, float[] products, int to) {
        int whole = Lanes.FLOATS.loopBound(outputs);
        for (int output = 0; output < whole; output += Lanes.COUNT) {
            FloatVector sum = FloatVector.fromArray(Lanes.FLOATS, products, to + output);
            for (int k = 0; k < rank; k += 2) {
                IntVector pair = IntVector.fromArray(Lanes.INTS, up, k / 2 * outputs + output);
                sum = even(pair).fma(FloatVector.broadcast(Lanes.FLOATS, narrow[k]), sum);
                sum = odd(pair).fma(FloatVector.broadcast(Lanes.FLOATS, narrow[k + 1]), sum);
            }
            sum.intoArray(products, to + output);
        }
        for (int output = whole; output < outputs; output++) {
            float sum = products[to + output];
            for (int k = 0; k < rank; k += 2) {
                int pair = up[k / 2 * outputs + output];
                sum = Math.fma(even(pair), narrow[k], sum);
                sum = Math.fma(odd(pair), narrow[k + 1], sum);
            }
            products[to + output] = sum;
        }
    }

    private static FloatVector even(IntVector pair) {
        return pair.and(UPPER).reinterpretAsFloats();
    }

    private static FloatVector odd(IntVector pair) {
        return pair.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
    }

    private static float even(int pair) {
        return Float.intBitsToFloat(pair & UPPER);
    }

    private static float odd(int pair) {
        return Float.intBitsToFloat(pair << 16);
    }
}
