package dev.saiki.engine.kernel;

import jdk.incubator.vector.FloatVector;

/// A matrix as the product of two narrow ones, added to the products of another matrix: y += x · Aᵀ · Bᵀ.
///
/// Letters: `in` inputs, `out` outputs, `r` rank. It is held in float32. Each row is computed by itself, in one order
/// of summation whatever the other rows are: first the rank's numbers, four at a time, then the outputs, vector by
/// vector. {@link WeightMatrix} was weighed for both parts: a matrix of so few outputs, or inputs, spends its time on
/// laying out rows, and overwrites what is to be added to.
public final class LowRankMatrix {

    /// Numbers of the rank that are computed together, so that their sums do not wait for each other.
    private static final int TOGETHER = 4;

    private final int inputs;
    private final int outputs;
    private final int firstOutput;
    private final int rank;

    /// The rank, rounded up to a multiple of {@link #TOGETHER}.
    private final int padded;

    /// `[r, in]`, zeros behind the last to the padded rank.
    private final float[] down;

    /// `[r, out]`, transposed and scaled.
    private final float[] up;

    /// Makes a matrix.
    ///
    /// @param down A, `[r, in]`
    /// @param up B, `[out, r]`
    /// @param rank r
    /// @param scale what the product is multiplied with
    /// @param firstOutput place of the first output in the products that are added to
    public LowRankMatrix(float[] down, float[] up, int rank, double scale, int firstOutput) {
        this.inputs = down.length / rank;
        this.outputs = up.length / rank;
        this.firstOutput = firstOutput;
        this.rank = rank;
        this.padded = (rank + TOGETHER - 1) / TOGETHER * TOGETHER;
        this.down = new float[Math.multiplyExact(padded, inputs)];
        System.arraycopy(down, 0, this.down, 0, down.length);
        this.up = new float[Math.multiplyExact(padded, outputs)];
        for (int k = 0; k < rank; k++) {
            for (int output = 0; output < outputs; output++) {
                this.up[k * outputs + output] = (float) (scale * up[output * rank + k]);
            }
        }
    }

    /// Returns the length of an input row.
    ///
    /// @return in
    public int inputs() {
        return inputs;
    }

    /// Returns the number of outputs that it changes.
    ///
    /// @return out
    public int outputs() {
        return outputs;
    }

    /// Returns the rank.
    ///
    /// @return r
    public int rank() {
        return rank;
    }

    /// Counts the numbers that a product reads.
    ///
    /// @return bytes
    public long bytes() {
        return (long) Float.BYTES * (down.length + up.length);
    }

    /// Adds to the products of one row.
    ///
    /// @param rows `[n, in]`
    /// @param row which of them
    /// @param products `[n, width]`
    /// @param width length of a row of products
    public void addTo(float[] rows, int row, float[] products, int width) {
        float[] narrow = new float[padded];
        float[] lanes = new float[TOGETHER * Lanes.COUNT];
        for (int k = 0; k < padded; k += TOGETHER) {
            narrow(rows, row * inputs, k, lanes, narrow);
        }
        widen(narrow, products, row * width + firstOutput);
    }

    private void narrow(float[] rows, int from, int k, float[] lanes, float[] narrow) {
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

    private void widen(float[] narrow, float[] products, int to) {
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
