package dev.saiki.engine.kernel;

import jdk.incubator.vector.FloatVector;

/// A low-rank matrix in float32.
final class Float32LowRankMatrix extends LowRankMatrix {

    /// `[padded, in]`
    private final float[] down;

    /// `[padded, out]`, transposed and scaled.
    private final float[] up;

    Float32LowRankMatrix(float[] down, float[] up, int inputs, int outputs, int rank, int firstOutput) {
        super(inputs, outputs, rank, firstOutput);
        this.down = down;
        this.up = up;
    }

    @Override
    public long bytes() {
        return (long) Float.BYTES * (down.length + up.length);
    }

    @Override
    void narrow(float[] rows, int from, int k, float[] lanes, float[] narrow) {
        int first = k * inputs;
        int second = first + inputs;
        int third = second + inputs;
        int fourth = third + inputs;
        FloatVector a = FloatVector.zero(Lanes.FLOATS);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int whole = Lanes.FLOATS.loopBound(inputs);
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            FloatVector x = FloatVector.fromArray(Lanes.FLOATS, rows, from + i);
            a = x.fma(FloatVector.fromArray(Lanes.FLOATS, down, first + i), a);
            b = x.fma(FloatVector.fromArray(Lanes.FLOATS, down, second + i), b);
            c = x.fma(FloatVector.fromArray(Lanes.FLOATS, down, third + i), c);
            d = x.fma(FloatVector.fromArray(Lanes.FLOATS, down, fourth + i), d);
        }
        a.intoArray(lanes, 0);
        b.intoArray(lanes, Lanes.COUNT);
        c.intoArray(lanes, 2 * Lanes.COUNT);
        d.intoArray(lanes, 3 * Lanes.COUNT);
        Lanes.sumFour(lanes, 0, narrow, k);
        for (int i = whole; i < inputs; i++) {
            float x = rows[from + i];
            narrow[k] = Math.fma(x, down[first + i], narrow[k]);
            narrow[k + 1] = Math.fma(x, down[second + i], narrow[k + 1]);
            narrow[k + 2] = Math.fma(x, down[third + i], narrow[k + 2]);
            narrow[k + 3] = Math.fma(x, down[fourth + i], narrow[k + 3]);
        }
    }

    @Override
    void widen(float[] narrow, float[] products, int to) {
        int whole = Lanes.FLOATS.loopBound(outputs);
        for (int output = 0; output < whole; output += Lanes.COUNT) {
            FloatVector sum = FloatVector.fromArray(Lanes.FLOATS, products, to + output);
            for (int k = 0; k < rank; k++) {
                FloatVector weights = FloatVector.fromArray(Lanes.FLOATS, up, k * outputs + output);
                sum = weights.fma(FloatVector.broadcast(Lanes.FLOATS, narrow[k]), sum);
            }
            sum.intoArray(products, to + output);
        }
        for (int output = whole; output < outputs; output++) {
            float sum = products[to + output];
            for (int k = 0; k < rank; k++) {
                sum = Math.fma(up[k * outputs + output], narrow[k], sum);
            }
            products[to + output] = sum;
        }
    }
}
