package dev.saiki.engine.kernel;

import dev.saiki.tensor.DType;
import dev.saiki.tensor.PackedLinear;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/// A matrix with weights, rows and products in bfloat16, multiplied by oneDNN.
///
/// **Not row-invariant**: oneDNN chooses the order of summation by the number of rows, so the last bits of a row's
/// result depend on the number of other rows.
final class OneDnnBFloat16Matrix extends OneDnnMatrix {

    private final long bytes;

    /// Makes a matrix.
    ///
    /// @param few the same weights, for small numbers of rows
    /// @param rowMajor weights `[out, in]` in bfloat16
    /// @param outputs number of outputs
    /// @param memory the memory that frees the weights when it is closed
    /// @param fromRows minimum number of rows that oneDNN multiplies
    /// @param threads number of parts into which the outputs are divided
    OneDnnBFloat16Matrix(
            Optional<TiledMatrix> few, short[] rowMajor, int outputs, WeightMemory memory, int fromRows, int threads) {
        super(few, outputs, rowMajor.length / outputs, fromRows);
        this.bytes = (long) rowMajor.length * Short.BYTES;
        share(threads, memory, (first, end) -> pack(rowMajor, first, end));
    }

    private PackedLinear pack(short[] rowMajor, int first, int end) {
        long rowBytes = (long) inputs() * Short.BYTES;
        MemorySegment rows = MemorySegment.ofArray(rowMajor).asSlice(first * rowBytes, (end - first) * rowBytes);
        try (TensorScope _ = TensorScope.open()) {
            return PackedLinear.bFloat16(Tensors.of(rows, DType.BFLOAT16, end - first, inputs()), fromRows());
        }
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    PackedRows narrow(float[] rows, int count, WorkerPool workers) {
        MemorySegment numbers = MemorySegment.ofArray(rows).asSlice(0, (long) count * inputs() * Float.BYTES);
        return new PackedRows(
                Tensors.of(numbers, DType.FLOAT32, count, inputs()).to(DType.BFLOAT16), new float[0]);
    }

    @Override
    void widen(Tensor product, float[] scales, int width, float[] products, int first) {
        MemorySegment memory = Tensors.segmentOf(product.to(DType.FLOAT32));
        long count = memory.byteSize() / Float.BYTES / width;
        for (int row = 0; row < count; row++) {
            long from = (long) row * width * Float.BYTES;
            MemorySegment.copy(memory, ValueLayout.JAVA_FLOAT, from, products, row * outputs() + first, width);
        }
    }
}
