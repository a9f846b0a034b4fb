package dev.saiki.engine.kernel;

import dev.saiki.tensor.DType;
import dev.saiki.tensor.PackedLinear;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import jdk.incubator.vector.FloatVector;

/// A matrix with weights and rows in eight bits, multiplied by oneDNN: y = s_row · s_out · Σ q_row · q_out. The
/// weights are those of {@link Int8Matrix}; rows are rounded to eight bits for every product ({@link Int8Rows}).
///
/// **Row-invariant**: the sum is over integers, the rounding of a row depends only on the row's own largest
/// number, and the scales are multiplied in a fixed order. So the result of a row is bit-identical alone and in a
/// batch, unless a different matrix is used for small numbers of rows.
///
/// The columns of both weights and rows are in the order of {@link Int8Rows}, which does not affect the sums.
final class OneDnnInt8Matrix extends OneDnnMatrix {

    private final int width;
    private final long bytes;

    /// Makes a matrix.
    ///
    /// @param few the same weights, for small numbers of rows
    /// @param weights integers `[out, width]`, columns in the order of {@link Int8Rows}, padded with zeros
    /// @param scales scale of each output, by which its integers are multiplied
    /// @param inputs number of inputs
    /// @param memory the memory that frees the weights when it is closed
    /// @param fromRows minimum number of rows that oneDNN multiplies
    /// @param threads number of parts into which the outputs are divided
    OneDnnInt8Matrix(
            Optional<TiledMatrix> few,
            byte[] weights,
            float[] scales,
            int inputs,
            WeightMemory memory,
            int fromRows,
            int threads) {
        super(few, scales.length, inputs, fromRows);
        this.width = weights.length / scales.length;
        this.bytes = weights.length + (long) scales.length * Float.BYTES;
        share(threads, memory, (first, end) -> pack(weights, scales, first, end));
    }

    private PackedLinear pack(byte[] weights, float[] scales, int first, int end) {
        MemorySegment rows = MemorySegment.ofArray(weights).asSlice((long) first * width, (long) (end - first) * width);
        MemorySegment scale =
                MemorySegment.ofArray(scales).asSlice((long) first * Float.BYTES, (long) (end - first) * Float.BYTES);
        try (TensorScope _ = TensorScope.open()) {
            return PackedLinear.int8(
                    Tensors.of(rows, DType.INT8, end - first, width), Tensors.of(scale, DType.FLOAT32, end - first));
        }
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    PackedRows narrow(float[] rows, int count, WorkerPool workers) {
        Tensor numbers = Tensors.empty(DType.UINT8, count, width);
        float[] scales = new float[count];
        Int8Rows.narrow(rows, count, inputs(), Tensors.segmentOf(numbers), scales, workers);
        return new PackedRows(numbers, scales);
    }

    @Override
    void widen(Tensor product, float[] scales, int outputsOfShare, float[] products, int first) {
        MemorySegment memory = Tensors.segmentOf(product);
        int whole = Lanes.FLOATS.loopBound(outputsOfShare);
        for (int row = 0; row < scales.length; row++) {
            long from = (long) row * outputsOfShare * Float.BYTES;
            int to = row * outputs() + first;
            for (int i = 0; i < whole; i += Lanes.COUNT) {
                FloatVector.fromMemorySegment(Lanes.FLOATS, memory, from + (long) i * Float.BYTES, Lanes.ORDER)
                        .mul(scales[row])
                        .intoArray(products, to + i);
            }
            for (int i = whole; i < outputsOfShare; i++) {
                products[to + i] = memory.get(ValueLayout.JAVA_FLOAT, from + (long) i * Float.BYTES) * scales[row];
            }
        }
    }
}
