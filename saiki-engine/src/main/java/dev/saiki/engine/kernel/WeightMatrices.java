package dev.saiki.engine.kernel;

import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.engine.settings.Kernels;
import dev.saiki.engine.settings.WeightFormat;
import java.util.List;
import java.util.Optional;

/// The construction of weight matrices from stored tensors.
///
/// The weights are copied, row by row, into off-heap memory in the kernels' own layout. No reference to the stored
/// tensors is kept. The pages of a mapped file are released as they are copied, so that the whole file and the
/// whole copy are never in memory together. The memory of the copy is freed when its {@link WeightMemory} is
/// closed.
public final class WeightMatrices {

    /// The number of bytes that are copied before the file's pages that contain them are released.
    private static final long BLOCK_BYTES = 1 << 20;

    /// A consumer of rows of weights.
    @FunctionalInterface
    private interface RowConsumer {

        /// Takes one output's weights.
        ///
        /// @param output index of the output
        /// @param values the weights, padded with zeros; the array is reused for the next row
        void take(int output, float[] values);
    }

    private WeightMatrices() {}

    /// Makes one matrix from the rows of several tensors, in the order of the tensors.
    ///
    /// @param stacked tensors `[out, in]` with equal `in`, in F32, BF16 or F16; at least one
    /// @param format number format for storage; weights are rounded to nearest, ties to even
    /// @param memory from which the weights are allocated
    /// @return the matrix
    /// @throws IllegalArgumentException if there is no tensor, or if a tensor has a wrong shape or format, or a
    ///     number that `format` cannot represent
    public static WeightMatrix of(List<StoredTensor> stacked, WeightFormat format, WeightMemory memory) {
        return of(stacked, format, memory, NativeKernels.find());
    }

    /// Returns the kernels that multiply by weights of a format on this machine.
    ///
    /// @param format number format of the weights
    /// @return the kernels
    public static Kernels kernels(WeightFormat format) {
        boolean inC = NativeKernels.find()
                .filter(found -> bits(format).filter(found::multiplies).isPresent())
                .isPresent();
        return inC ? Kernels.C : Kernels.JAVA;
    }

    private static Optional<NativeKernels.Bits> bits(WeightFormat format) {
        return switch (format) {
            case FLOAT32 -> Optional.empty();
            case BFLOAT16 -> Optional.of(NativeKernels.Bits.SIXTEEN);
            case INT8 -> Optional.of(NativeKernels.Bits.EIGHT);
            case INT4 -> Optional.of(NativeKernels.Bits.FOUR);
        };
    }

    /// Makes one matrix as {@link #of(List, WeightFormat, WeightMemory)} does, for the given kernels.
    static WeightMatrix of(
            List<StoredTensor> stacked, WeightFormat format, WeightMemory memory, Optional<NativeKernels> natives) {
        int outputs = outputs(stacked);
        int inputs = columns(stacked.getFirst());
        Optional<NativeKernels> suited =
                natives.filter(found -> bits(format).filter(found::multiplies).isPresent());
        if (suited.isPresent() && format != WeightFormat.BFLOAT16) {
            NarrowMatrix matrix = new NarrowMatrix(bits(format).orElseThrow(), outputs, inputs, memory, suited.get());
            forEachRow(stacked, inputs, matrix::store);
            return matrix;
        }
        TiledMatrix matrix = switch (format) {
            case FLOAT32 -> new Float32Matrix(outputs, inputs, memory);
            // Without the kernels in C; the rounded weights are exact in bfloat16.
            case BFLOAT16, INT4 -> new BFloat16Matrix(outputs, inputs, memory, suited);
            case INT8 -> new Int8Matrix(outputs, inputs, memory);
        };
        forEachRow(stacked, inputs, (output, values) -> {
            if (format == WeightFormat.INT4) {
                FourBits.round(values);
            }
            matrix.store(output, values);
        });
        return matrix;
    }

    private static int outputs(List<StoredTensor> stacked) {
        if (stacked.isEmpty()) {
            throw new IllegalArgumentException("there must be at least one tensor");
        }
        int inputs = columns(stacked.getFirst());
        int outputs = 0;
        for (StoredTensor tensor : stacked) {
            if (columns(tensor) != inputs) {
                throw new IllegalArgumentException(
                        tensor.name() + " must have rows of " + inputs + " numbers, got " + tensor.shape());
            }
            outputs = Math.addExact(outputs, Math.toIntExact(tensor.shape().getFirst()));
        }
        return outputs;
    }

    private static int columns(StoredTensor tensor) {
        if (tensor.shape().size() != 2 || !tensor.type().widensToFloat()) {
            throw new IllegalArgumentException(tensor.name() + " must be a matrix in F32, BF16 or F16, got "
                    + tensor.type() + " " + tensor.shape());
        }
        return Math.toIntExact(tensor.shape().get(1));
    }

    /// Reads tensors row by row, and releases the file's pages that have been read.
    private static void forEachRow(List<StoredTensor> stacked, int inputs, RowConsumer consumer) {
        float[] values = new float[TiledMatrix.padded(inputs)];
        int output = 0;
        for (StoredTensor tensor : stacked) {
            long rows = tensor.shape().getFirst();
            long rowsOfBlock = Math.max(
                    1, BLOCK_BYTES / Math.max(1, (long) inputs * tensor.type().bytes()));
            for (long row = 0; row < rows; row++) {
                tensor.copyTo(row * inputs, values, 0, inputs);
                try {
                    consumer.take(output, values);
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException(tensor.name() + ", row " + row + ": " + e.getMessage(), e);
                }
                output++;
                if ((row + 1) % rowsOfBlock == 0 || row + 1 == rows) {
                    long first = row - row % rowsOfBlock;
                    tensor.unload(first * inputs, (row + 1 - first) * inputs);
                }
            }
        }
    }
}
