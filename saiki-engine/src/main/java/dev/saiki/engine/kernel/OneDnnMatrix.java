package dev.saiki.engine.kernel;

import dev.saiki.tensor.Autograd;
import dev.saiki.tensor.PackedLinear;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.TorchRuntime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A matrix that passes products of many rows to oneDNN, where arithmetic rather than memory is the limit: oneDNN
/// uses the processor's bfloat16 and int8 instructions, which Java cannot.
///
/// Each worker multiplies with its own share of the outputs, on one LibTorch thread; LibTorch's own threads
/// busy-wait for each other, which costs several times the work when the machine has other load.
///
/// Rows are narrowed to the weights' format by the subclasses. Smaller numbers of rows are passed to a matrix in
/// Java, which stores the weights a second time and differs in the last bits; if oneDNN multiplies all rows there
/// is no such matrix.
abstract sealed class OneDnnMatrix implements WeightMatrix permits OneDnnBFloat16Matrix, OneDnnInt8Matrix {

    /// The outputs of a share are a multiple of this, a tile of oneDNN's kernels.
    private static final int SHARE_UNIT = 64;

    private final Optional<TiledMatrix> few;
    private final int outputs;
    private final int inputs;
    private final int fromRows;
    private final List<OutputRange> ranges = new ArrayList<>();

    /// A range of outputs.
    ///
    /// @param first output
    /// @param outputs number of outputs
    /// @param packed their weights
    private record OutputRange(int first, int outputs, PackedLinear packed) {}

    /// Rows in oneDNN's layout.
    ///
    /// @param numbers `[n, …]`
    /// @param scales scale of each row
    @SuppressWarnings("ArrayRecordComponent") // Short-lived; never compared.
    record PackedRows(Tensor numbers, float[] scales) {}

    /// A packer of a range of outputs.
    @FunctionalInterface
    interface Packer {

        /// Packs outputs.
        ///
        /// @param first output
        /// @param end output after the last
        /// @return their weights
        PackedLinear pack(int first, int end);
    }

    /// Makes a matrix without ranges.
    ///
    /// @param few the same weights, for small numbers of rows
    /// @param outputs out
    /// @param inputs in
    /// @param fromRows least number of rows that oneDNN multiplies
    OneDnnMatrix(Optional<TiledMatrix> few, int outputs, int inputs, int fromRows) {
        if (few.isEmpty() != (fromRows == 1)) {
            throw new IllegalArgumentException("there must be a matrix for fewer than " + fromRows + " rows");
        }
        this.few = few;
        this.outputs = outputs;
        this.inputs = inputs;
        this.fromRows = fromRows;
    }

    /// Cuts the outputs into ranges.
    ///
    /// @param count number of ranges
    /// @param memory frees them
    /// @param packer packs one
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

    /// Returns the least number of rows that oneDNN multiplies.
    ///
    /// @return rows
    final int fromRows() {
        return fromRows;
    }

    /// Narrows rows.
    ///
    /// @param rows `[n, in]`
    /// @param count n
    /// @param workers share the work
    /// @return tensors of the caller's scope
    abstract PackedRows narrow(float[] rows, int count, WorkerPool workers);

    /// Widens products and multiplies them by the rows' scales.
    ///
    /// @param product oneDNN's result for `n` rows and one share
    /// @param scales one for each row
    /// @param width outputs of the share
    /// @param products `[n, out]`
    /// @param first output of the share
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
