package dev.saiki.engine.kernel;

import dev.saiki.checkpoint.safetensors.BlockDecoder;
import dev.saiki.checkpoint.safetensors.BlockEncoder;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.engine.settings.Kernels;
import dev.saiki.engine.settings.WeightFormat;
import dev.saiki.io.InputException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
        /// @param tensor the tensor that has the weights
        /// @param row the weights' row
        void take(int output, StoredTensor tensor, long row);
    }

    private WeightMatrices() {}

    /// Makes one matrix from the rows of several tensors, in the order of the tensors.
    ///
    /// @param stacked tensors `[out, in]` with equal `in`, readable as float32; at least one
    /// @param format number format for storage; weights are rounded as by {@link BlockEncoder}
    /// @param memory from which the weights are allocated
    /// @return the matrix
    /// @throws IllegalArgumentException if there is no tensor, or if a tensor has a wrong shape or format
    /// @throws InputException if a tensor has a number that `format` cannot represent
    public static WeightMatrix of(List<StoredTensor> stacked, WeightFormat format, WeightMemory memory) {
        return of(stacked, format, memory, NativeKernels.find());
    }

    /// Returns the kernels that multiply by weights of a format on this machine.
    ///
    /// @param format number format of the weights
    /// @return the kernels
    public static Kernels kernels(WeightFormat format) {
        boolean inC = NativeKernels.find()
                .filter(found -> found.multiplies(packing(format)))
                .isPresent();
        return inC ? Kernels.C : Kernels.JAVA;
    }

    private static Packing packing(WeightFormat format) {
        return switch (format) {
            case FLOAT32 -> Packing.FLOAT32;
            case BFLOAT16 -> Packing.BFLOAT16;
            case INT8 -> Packing.Q8_0;
            case INT6 -> Packing.Q6_0;
            case INT4 -> Packing.Q4_0;
        };
    }

    /// The blocks in which tensors are held: in a mixed format their own, if kernels can multiply by them.
    private static Optional<StoredType> blocks(List<StoredTensor> stacked, WeightFormat format) {
        StoredType first = stacked.getFirst().type();
        if (!format.isMixed()
                || stacked.stream().noneMatch(tensor -> tensor.type().hasBlocks())) {
            return format.blocks();
        }
        boolean areAlike = stacked.stream().allMatch(tensor -> tensor.type() == first);
        return Optional.of(areAlike && Packing.holds(first) ? first : StoredType.Q8_0);
    }

    /// Makes one matrix as {@link #of(List, WeightFormat, WeightMemory)} does, for the given kernels.
    static WeightMatrix of(
            List<StoredTensor> stacked, WeightFormat format, WeightMemory memory, Optional<NativeKernels> natives) {
        int outputs = outputs(stacked);
        int inputs = columns(stacked.getFirst());
        Optional<StoredType> blocks = blocks(stacked, format);
        if (blocks.isPresent()
                && natives.filter(found -> found.multiplies(packing(format))).isPresent()) {
            NarrowMatrix matrix = new NarrowMatrix(blocks.get(), outputs, inputs, memory, natives.get());
            BlockRows rows = new BlockRows(blocks.get(), inputs);
            forEachRow(stacked, (output, tensor, row) -> matrix.store(output, rows.read(tensor, row)));
            return matrix;
        }
        if (format == WeightFormat.BFLOAT16
                && natives.filter(found -> found.multiplies(Packing.BFLOAT16_TILES))
                        .isPresent()) {
            AmxMatrix matrix = new AmxMatrix(outputs, inputs, memory, natives.get());
            float[] values = new float[TiledMatrix.padded(inputs)];
            forEachRow(stacked, (output, tensor, row) -> {
                tensor.copyTo(row * inputs, values, 0, inputs);
                matrix.store(output, values);
            });
            return matrix;
        }
        TiledMatrix matrix = format == WeightFormat.FLOAT32
                ? new Float32Matrix(outputs, inputs, memory, natives)
                : new BFloat16Matrix(outputs, inputs, memory, natives);
        Optional<BlockRows> rows = blocks.map(type -> new BlockRows(type, inputs));
        float[] values = new float[TiledMatrix.padded(inputs)];
        forEachRow(stacked, (output, tensor, row) -> {
            if (rows.isPresent()) {
                rows.get().decode(tensor, row, values);
            } else {
                tensor.copyTo(row * inputs, values, 0, inputs);
            }
            matrix.store(output, values);
        });
        return matrix;
    }

    /// A reader of rows in a format with blocks, to which tensors of other formats are rounded.
    private static final class BlockRows {

        private final StoredType type;
        private final int inputs;
        private final float[] values;
        private final BlockDecoder decoder;
        private final BlockEncoder encoder;
        private final ByteBuffer encoded;

        BlockRows(StoredType type, int inputs) {
            this.type = type;
            this.inputs = inputs;
            this.values = new float[TiledMatrix.padded(inputs)];
            this.decoder = new BlockDecoder(type);
            this.encoder = BlockEncoder.of(type);
            this.encoded = ByteBuffer.allocate(encoder.bytes(values.length)).order(ByteOrder.LITTLE_ENDIAN);
        }

        /// Reads a row.
        ///
        /// @return the row's blocks, overwritten by the next call
        /// @throws IllegalArgumentException if a number or a scale is not finite
        MemorySegment read(StoredTensor tensor, long row) {
            if (tensor.type() == type) {
                long bytes = (long) inputs / type.blockSize() * type.blockBytes();
                MemorySegment blocks = tensor.data().asSlice(row * bytes, bytes);
                for (int block = 0; block < inputs / type.blockSize(); block++) {
                    if (!decoder.at(blocks, block).isFinite()) {
                        throw new IllegalArgumentException("the scale of a block is not finite");
                    }
                }
                return blocks;
            }
            tensor.copyTo(row * inputs, values, 0, inputs);
            encoder.encode(values, values.length, encoded.clear());
            return MemorySegment.ofBuffer(encoded.flip());
        }

        /// Reads a row as the numbers that its blocks stand for.
        void decode(StoredTensor tensor, long row, float[] target) {
            MemorySegment blocks = read(tensor, row);
            long count = blocks.byteSize() / type.blockBytes() * type.blockSize();
            new StoredTensor(tensor.name(), type, List.of(count), blocks).copyTo(0, target, 0, Math.toIntExact(count));
        }
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
            throw new IllegalArgumentException(tensor.name() + " must be a matrix that is readable as float32, got "
                    + tensor.type() + " " + tensor.shape());
        }
        return Math.toIntExact(tensor.shape().get(1));
    }

    /// Passes all rows of the tensors, and releases the file's pages that have been read.
    private static void forEachRow(List<StoredTensor> stacked, RowConsumer consumer) {
        int output = 0;
        for (StoredTensor tensor : stacked) {
            long rows = tensor.shape().getFirst();
            long inputs = tensor.shape().getLast();
            long rowsOfBlock =
                    Math.max(1, BLOCK_BYTES * rows / Math.max(1, tensor.data().byteSize()));
            for (long row = 0; row < rows; row++) {
                try {
                    consumer.take(output, tensor, row);
                } catch (IllegalArgumentException e) {
                    throw new InputException("tensor " + tensor.name() + ", row " + row + ": " + e.getMessage(), e);
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
