package dev.saiki.engine.kernel;

import dev.saiki.tensor.Autograd;
import dev.saiki.tensor.PackedLinear;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.TorchRuntime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A matrix that passes products of many rows to oneDNN. With many rows the limit is arithmetic rather than
/// memory, and oneDNN uses the processor's bfloat16 and int8 instructions, which are not accessible from Java.
///
/// Each worker multiplies the rows by the weights of one range of outputs, on one LibTorch thread. LibTorch's own
/// threads would busy-wait for each other, which costs several times the work when the machine has other load.
///
/// Subclasses round the rows to the weights' format. Products of few rows go to a matrix in Java, which stores
/// the weights again and whose results differ in the last bits. If oneDNN also multiplies few rows, there is no
/// such matrix.
abstract sealed class OneDnnMatrix implements WeightMatrix permits OneDnnBFloat16Matrix, OneDnnInt8Matrix {

    /// The number of outputs in a tile of oneDNN's kernels; the outputs of each worker start at a multiple of it.
    private static final int SHARE_UNIT = 64;

    private final Optional<TiledMatrix> few;
    private final int outputs;
    private final int inputs;
    private final int fromRows;
    private final List<OutputRange> ranges = new ArrayList<>();

    /// A range of outputs.
    ///
    /// @param first index of the first output
    /// @param outputs number of outputs
    /// @param packed weights of the range
    private record OutputRange(int first, int outputs, PackedLinear packed) {}

    /// Rows in oneDNN's layout.
    ///
    /// @param numbers `[n, …]`
    /// @param scales scale of each row; empty in bfloat16
    @SuppressWarnings("ArrayRecordComponent") // Short-lived; never compared.
    record PackedRows(Tensor numbers, float[] scales) {}

    /// A packer of a range of outputs.
    @FunctionalInterface
    interface Packer {

        /// Packs the weights of a range of outputs.
        ///
        /// @param first index of the first output
        /// @param end index after the last output
        /// @return the packed weights
        PackedLinear pack(int first, int end);
    }

    /// Makes a matrix without any ranges of outputs yet.
    ///
    /// @param few the same weights, for small numbers of rows
    /// @param outputs number of outputs
    /// @param inputs number of inputs
    /// @param fromRows minimum number of rows that oneDNN multiplies
    OneDnnMatrix(Optional<TiledMatrix> few, int outputs, int inputs, int fromRows) {
        if (few.isEmpty() != (fromRows == 1)) {
            throw new IllegalArgumentException("few must be absent exactly if fromRows is 1, got " + fromRows);
        }
        this.few = few;
        this.outputs = outputs;
        this.inputs = inputs;
        this.fromRows = fromRows;
    }

    /// Divides the outputs into ranges.
    ///
    /// @param count number of ranges
    /// @param memory the memory that frees the weights when it is closed
    /// @param packer packs the weights of a range
    final void share(int count, WeightMemory memory, Packer packer) {
        int units = Math.ceilDiv(outputs, SHARE_UNIT);
        for (int share = 0; share < count; share++) {
            int first = units * share / count * SHARE_UNIT;
            int end = Math.min(outputs, units * (share + 1) / count * SHARE_UNIT);
            if (first < end) {
                ranges.add(new OutputRange(first, end - first, memory.holding(packer.pack(first, end))));
            }
        }
    }

    /// Returns the minimum number of rows that oneDNN multiplies.
    ///
    /// @return the number of rows
    final int fromRows() {
        return fromRows;
    }

    /// Converts rows to the weights' format.
    ///
    /// @param rows `[n, in]`
    /// @param count number of rows, n
    /// @param workers threads that share the work
    /// @return the rows, as tensors of the caller's scope
    abstract PackedRows narrow(float[] rows, int count, WorkerPool workers);

    /// Converts products to float32 and multiplies them by the rows' scales, if rows have scales.
    ///
    /// @param product oneDNN's result for `n` rows and one range
    /// @param scales scale of each row; empty in bfloat16
    /// @param width number of outputs of the range
    /// @param products `[n, out]`
    /// @param first index of the range's first output
    abstract void widen(Tensor product, float[] scales, int width, float[] products, int first);

    @Override
    public final int outputs() {
        return outputs;
    }

    @Override
    public final int inputs() {
        return inputs;
    }

    @Override
    public final long heldBytes() {
        return bytes() + few.map(TiledMatrix::bytes).orElse(0L);
    }

    @Override
    public final void multiply(float[] rows, int count, float[] products, WorkerPool workers) {
        if (few.isPresent() && count < fromRows) {
            few.get().multiply(rows, count, products, workers);
            return;
        }
        try (TensorScope _ = TensorScope.open();
                Autograd _ = Autograd.off()) {
            PackedRows narrow = narrow(rows, count, workers);
            workers.run(ranges.size(), index -> {
                OutputRange range = ranges.get(index);
                TorchRuntime.setThreadsOfCaller(1);
                try (TensorScope _ = TensorScope.open();
                        Autograd _ = Autograd.off()) {
                    Tensor product = range.packed().multiply(narrow.numbers());
                    widen(product, narrow.scales(), range.outputs(), products, range.first());
                }
            });
        }
    }
}
