package dev.saiki.engine.kernel;

import static dev.saiki.engine.kernel.RowKernels.ROWS;

/// A matrix in float32 that is the product of two narrow matrices, and whose products are added to those of another
/// matrix: y += x · Aᵀ · Bᵀ.
///
/// Symbols: `in` inputs, `out` outputs, `r` rank. Each row is computed separately, in an order of summation that
/// does not depend on the other rows.
/// {@link WeightMatrix} was considered for A and B. With so few outputs or inputs it spends most of its time on
/// rearranging rows, and it overwrites products instead of adding to them.
///
/// @param inputs length of an input row, in
/// @param outputs number of outputs to which the matrix adds, out
/// @param rank the rank r
/// @param firstOutput position of the matrix's first output in a row of products
/// @param down the matrix A, `[r, in]`
/// @param up the matrix B, transposed and scaled, `[r, out]`
@SuppressWarnings("ArrayRecordComponent") // Holds weights; never compared.
public record LowRankMatrix(int inputs, int outputs, int rank, int firstOutput, float[] down, float[] up) {

    /// Makes a matrix.
    ///
    /// @param down the matrix A, `[r, in]`
    /// @param up the matrix B, `[out, r]`
    /// @param rank the rank r
    /// @param scale factor of the product
    /// @param firstOutput position of the matrix's first output in a row of products
    /// @return the matrix
    public static LowRankMatrix of(float[] down, float[] up, int rank, double scale, int firstOutput) {
        int outputs = up.length / rank;
        float[] scaled = new float[up.length];
        for (int k = 0; k < rank; k++) {
            for (int output = 0; output < outputs; output++) {
                scaled[k * outputs + output] = (float) (scale * up[output * rank + k]);
            }
        }
        return new LowRankMatrix(down.length / rank, outputs, rank, firstOutput, down, scaled);
    }

    /// Returns how many bytes of weights one product reads.
    ///
    /// @return bytes
    public long bytes() {
        return (long) Float.BYTES * (down.length + up.length);
    }

    /// Adds the products of this matrix and one row to the other matrix's products.
    ///
    /// @param rows `[n, in]`
    /// @param row index of the row
    /// @param products products of the other matrix, `[n, width]`
    /// @param width length of a row of products
    public void addTo(float[] rows, int row, float[] products, int width) {
        float[] narrow = new float[rank];
        for (int k = 0; k < rank; k++) {
            narrow[k] = ROWS.dot(rows, row * inputs, down, k * inputs, inputs);
        }
        ROWS.addWeighted(narrow, up, outputs, products, row * width + firstOutput);
    }
}
