package dev.saiki.engine.kernel;

import dev.saiki.engine.settings.WeightFormat;

/// A matrix as the product of two narrow ones, added to the products of another matrix: y += x · Aᵀ · Bᵀ.
///
/// Symbols: `in` inputs, `out` outputs, `r` rank. Each row is computed separately, in an order of summation that
/// does not depend on the other rows: first the numbers of the rank, four at a time, then the outputs, vector by
/// vector. {@link WeightMatrix} was considered for both parts: with so few outputs, or inputs, it spends its time
/// on rearranging rows, and it overwrites the products instead of adding to them.
public abstract sealed class LowRankMatrix permits Float32LowRankMatrix, BFloat16LowRankMatrix {

    /// Numbers of the rank that are computed together, so that their sums do not wait for each other.
    static final int TOGETHER = 4;

    final int inputs;
    final int outputs;
    final int rank;

    /// The rank, rounded up to a multiple of {@link #TOGETHER}.
    final int padded;

    private final int firstOutput;

    LowRankMatrix(int inputs, int outputs, int rank, int firstOutput) {
        this.inputs = inputs;
        this.outputs = outputs;
        this.rank = rank;
        this.padded = (rank + TOGETHER - 1) / TOGETHER * TOGETHER;
        this.firstOutput = firstOutput;
    }

    /// Makes a matrix. The products are computed in float32 in every format.
    ///
    /// @param format of the base's weights: if they have fewer bits than float32, the matrix is stored in
    ///     bfloat16, which halves the memory that a product reads
    /// @param down A, `[r, in]`
    /// @param up B, `[out, r]`
    /// @param rank r
    /// @param scale factor of the product
    /// @param firstOutput position of the first output in the row of products
    /// @return the matrix, with separate memory
    public static LowRankMatrix of(
            WeightFormat format, float[] down, float[] up, int rank, double scale, int firstOutput) {
        int inputs = down.length / rank;
        int outputs = up.length / rank;
        int padded = (rank + TOGETHER - 1) / TOGETHER * TOGETHER;
        float[] paddedDown = new float[Math.multiplyExact(padded, inputs)];
        System.arraycopy(down, 0, paddedDown, 0, down.length);
        float[] scaledUp = new float[Math.multiplyExact(padded, outputs)];
        for (int k = 0; k < rank; k++) {
            for (int output = 0; output < outputs; output++) {
                scaledUp[k * outputs + output] = (float) (scale * up[output * rank + k]);
            }
        }
        return switch (format) {
            case FLOAT32 -> new Float32LowRankMatrix(paddedDown, scaledUp, inputs, outputs, rank, firstOutput);
            case BFLOAT16, INT8 -> new BFloat16LowRankMatrix(paddedDown, scaledUp, inputs, outputs, rank, firstOutput);
        };
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

    /// Returns the bytes that a product reads.
    ///
    /// @return bytes
    public abstract long bytes();

    /// Adds the updates to the products of one row.
    ///
    /// @param rows `[n, in]`
    /// @param row index of the row
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

    /// Computes the next {@link #TOGETHER} numbers of the rank.
    ///
    /// @param rows holds x
    /// @param from index of its first number
    /// @param k the first of them
    /// @param lanes room for as many vectors
    /// @param narrow `[padded]`, gets them
    abstract void narrow(float[] rows, int from, int k, float[] lanes, float[] narrow);

    /// Adds the outputs.
    ///
    /// @param narrow `[padded]`, x · Aᵀ
    /// @param products sums to which the updates are added
    /// @param to index of the first target
    abstract void widen(float[] narrow, float[] products, int to);
}
