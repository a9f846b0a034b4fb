package dev.saiki.engine.kernel;

import dev.saiki.checkpoint.StoredTensor;
import dev.saiki.checkpoint.StoredType;
import dev.saiki.engine.settings.WeightFormat;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/// Makes weight matrices from stored tensors.
///
/// The weights are copied, row by row, into off-heap memory of the kernels' own layout; nothing keeps hold of the
/// stored tensors. The memory is freed when the matrix is no longer reachable.
public final class WeightMatrices {

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private WeightMatrices() {}

    /// Makes one matrix of the rows of several tensors, the first tensor's first.
    ///
    /// @param stacked tensors `[out, in]` with one in, in F32, BF16 or F16; at least one
    /// @param format the number format to hold them in; narrowing rounds to nearest, ties to even
    /// @return the matrix
    /// @throws IllegalArgumentException if there is no tensor, or one is not of such a shape or format, or holds a
    ///     number that the format cannot
    public static WeightMatrix of(List<StoredTensor> stacked, WeightFormat format) {
        return tiled(stacked, format);
    }

    /// Makes one matrix of the rows of several tensors, which leaves products of many rows to LibTorch.
    ///
    /// @param stacked as in {@link #of(List, WeightFormat)}
    /// @param format the number format to hold them in for few rows
    /// @param fromRows least number of rows that LibTorch multiplies
    /// @param threads that multiply
    /// @return the matrix
    /// @throws IllegalArgumentException as {@link #of(List, WeightFormat)}
    public static WeightMatrix withManyRows(
            List<StoredTensor> stacked, WeightFormat format, int fromRows, int threads) {
        TiledMatrix few = tiled(stacked, format);
        float[] values = new float[few.paddedInputs()];
        short[] rowMajor = new short[few.outputs() * few.inputs()];
        int output = 0;
        for (StoredTensor tensor : stacked) {
            for (long row = 0; row < tensor.shape().getFirst(); row++) {
                readRow(tensor, row, few.inputs(), values);
                for (int i = 0; i < few.inputs(); i++) {
                    rowMajor[output * few.inputs() + i] = BFloat16.of(values[i]);
                }
                output++;
            }
        }
        return new ManyRowsMatrix(few, rowMajor, fromRows, threads);
    }

    private static TiledMatrix tiled(List<StoredTensor> stacked, WeightFormat format) {
        if (stacked.isEmpty()) {
            throw new IllegalArgumentException("there must be at least one tensor");
        }
        int inputs = columns(stacked.getFirst());
        int outputs = 0;
        for (StoredTensor tensor : stacked) {
            if (columns(tensor) != inputs) {
                throw new IllegalArgumentException(
                        tensor.name() + " must have rows of " + inputs + ", got " + tensor.shape());
            }
            outputs = Math.addExact(outputs, Math.toIntExact(tensor.shape().getFirst()));
        }
        TiledMatrix matrix = switch (format) {
            case FLOAT32 -> new Float32Matrix(outputs, inputs);
            case BFLOAT16 -> new BFloat16Matrix(outputs, inputs);
            case INT8 -> new Int8Matrix(outputs, inputs);
        };
        fill(matrix, stacked);
        return matrix;
    }

    private static int columns(StoredTensor tensor) {
        if (tensor.shape().size() != 2 || !tensor.type().widensToFloat()) {
            throw new IllegalArgumentException(tensor.name() + " must be a matrix in F32, BF16 or F16, got "
                    + tensor.type() + " " + tensor.shape());
        }
        return Math.toIntExact(tensor.shape().get(1));
    }

    private static void fill(TiledMatrix matrix, List<StoredTensor> stacked) {
        float[] values = new float[matrix.paddedInputs()];
        int output = 0;
        for (StoredTensor tensor : stacked) {
            for (long row = 0; row < tensor.shape().getFirst(); row++) {
                readRow(tensor, row, matrix.inputs(), values);
                try {
                    matrix.store(output, values);
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException(tensor.name() + ", row " + row + ": " + e.getMessage(), e);
                }
                output++;
            }
        }
    }

    private static void readRow(StoredTensor tensor, long row, int columns, float[] values) {
        MemorySegment data = tensor.data();
        long from = row * columns * tensor.type().bytes();
        if (tensor.type() == StoredType.F32) {
            MemorySegment.copy(data, FLOAT, from, values, 0, columns);
            return;
        }
        boolean half = tensor.type() == StoredType.F16;
        for (int i = 0; i < columns; i++) {
            short bits = data.get(SHORT, from + (long) i * Short.BYTES);
            values[i] = half ? Float.float16ToFloat(bits) : BFloat16.toFloat(bits);
        }
    }
}
