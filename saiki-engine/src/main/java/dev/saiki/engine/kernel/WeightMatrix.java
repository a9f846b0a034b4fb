package dev.saiki.engine.kernel;

/// A weight matrix that multiplies rows: y = x · Wᵀ.
///
/// Symbols: `n` rows, `in` inputs, `out` outputs.
public sealed interface WeightMatrix permits TiledMatrix, OneDnnMatrix {

    /// Returns the length of an output row.
    ///
    /// @return out
    int outputs();

    /// Returns the length of an input row.
    ///
    /// @return in
    int inputs();

    /// Returns the number of weights that a product reads.
    ///
    /// @return bytes, scales included
    long bytes();

    /// Returns the memory of the weights, which may be stored in two layouts.
    ///
    /// @return bytes, scales included
    default long heldBytes() {
        return bytes();
    }

    /// Multiplies rows.
    ///
    /// @param rows `[n, in]`, row after row from index 0
    /// @param count n
    /// @param products `[n, out]`, overwritten
    /// @param workers share the work
    void multiply(float[] rows, int count, float[] products, WorkerPool workers);
}
