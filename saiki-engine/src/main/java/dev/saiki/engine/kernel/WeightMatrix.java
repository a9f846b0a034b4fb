package dev.saiki.engine.kernel;

/// A weight matrix that multiplies rows: y = x · Wᵀ.
///
/// Symbols: `n` rows, `in` inputs, `out` outputs.
public abstract sealed class WeightMatrix permits TiledMatrix, AmxMatrix, NarrowMatrix {

    final int outputs;
    final int inputs;

    /// The length of a row with its padding.
    final int paddedInputs;

    WeightMatrix(int outputs, int inputs) {
        this.outputs = outputs;
        this.inputs = inputs;
        this.paddedInputs = TiledMatrix.padded(inputs);
    }

    /// Returns the length of an output row.
    ///
    /// @return the number of outputs
    public final int outputs() {
        return outputs;
    }

    /// Returns the length of an input row.
    ///
    /// @return the number of inputs
    public final int inputs() {
        return inputs;
    }

    /// Returns how many bytes of weights one product reads.
    ///
    /// @return bytes, including scales
    public abstract long bytes();

    /// Checks that arrays are large enough, on which the kernels in C rely.
    ///
    /// @param rows `[n, in]`
    /// @param count number of rows, n
    /// @param products `[n, out]`
    /// @throws IllegalArgumentException if an array is too short
    final void requireRoom(float[] rows, int count, float[] products) {
        if (rows.length < (long) count * inputs || products.length < (long) count * outputs) {
            throw new IllegalArgumentException(count + " rows of " + inputs + " inputs and " + outputs
                    + " outputs do not fit into " + rows.length + " and " + products.length + " numbers");
        }
    }

    /// Multiplies rows by the matrix.
    ///
    /// @param rows `[n, in]`, row after row from index 0
    /// @param count number of rows, n
    /// @param products `[n, out]`, overwritten
    /// @param workers threads that share the work
    public abstract void multiply(float[] rows, int count, float[] products, WorkerPool workers);
}
