package dev.saiki.engine.kernel;

import dev.saiki.engine.settings.WeightFormat;

/// A matrix that is the product of two narrow matrices, and whose products are added to those of another
/// matrix: y += x · Aᵀ · Bᵀ.
///
/// Symbols: `in` inputs, `out` outputs, `r` rank. Each row is computed separately, in an order of summation that
/// does not depend on the other rows: first x · Aᵀ, four ranks at a time, then the outputs, vector by vector.
/// {@link WeightMatrix} was considered for A and B. With so few outputs or inputs it spends most of its time on
/// rearranging rows, and it overwrites products instead of adding to them.
public abstract sealed class LowRankMatrix permits Float32LowRankMatrix, BFloat16LowRankMatrix {

    /// The number of ranks that are computed together, so that their sums do not wait for each other.
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
    /// @param format number format of the other matrix's weights; if it has fewer bits than float32, the matrix
    ///     made here is stored in bfloat16, which halves the memory that a product reads
    /// @param down the matrix A, `[r, in]`
    /// @param up the matrix B, `[out, r]`
    /// @param rank the rank r
    /// @param scale factor of the product
    /// @param firstOutput position of the matrix's first output in a row of products
    /// @return the matrix; it copies its weights
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
            case BFLOAT16, INT8, INT4 ->
                new BFloat16LowRankMatrix(paddedDown, scaledUp, inputs, outputs, rank, firstOutput);
        };
    }

    /// Returns the length of an input row.
    ///
    /// @return the number of inputs
    public int inputs() {
        return inputs;
    }

    /// Returns the number of outputs to which the matrix adds.
    ///
    /// @return the number of outputs
    public int outputs() {
        return outputs;
    }

    /// Returns the rank.
    ///
    /// @return the rank
    public int rank() {
        return rank;
    }

    /// Returns how many bytes of weights one product reads.
    ///
    /// @return bytes
    public abstract long bytes();

    /// Adds the products of this matrix and one row to the other matrix's products.
    ///
    /// @param rows `[n, in]`
    /// @param row index of the row
    /// @param products products of the other matrix, `[n, width]`
    /// @param width length of a row of products
    public void addTo(float[] rows, int row, float[] products, int width) {
        float[] narrow = new float[padded];
        float[] lanes = new float[TOGETHER * Lanes.COUNT];
        for (int k = 0; k < padded; k += TOGETHER) {
            narrow(rows, row * inputs, k, lanes, narrow);
        }
        widen(narrow, products, row * width + firstOutput);
    }

    /// Computes the next {@link #TOGETHER} ranks of x · Aᵀ.
    ///
    /// @param rows array that contains the row x
    /// @param from index of the row's first number
    /// @param k index of the first of these ranks
    /// @param lanes scratch space for {@link #TOGETHER} vectors
    /// @param narrow receives x · Aᵀ, `[padded]`
    abstract void narrow(float[] rows, int from, int k, float[] lanes, float[] narrow);

    /// Multiplies x · Aᵀ by Bᵀ and adds the outputs to the products.
    ///
    /// @param narrow x · Aᵀ, `[padded]`
    /// @param products sums to which the outputs are added
    /// @param to index of the first product to add to
    abstract void widen(float[] narrow, float[] products, int to);
}
