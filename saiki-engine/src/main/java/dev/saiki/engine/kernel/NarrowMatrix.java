package dev.saiki.engine.kernel;

import dev.saiki.checkpoint.safetensors.StoredType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/// Weights in eight or four bits, the numbers of {@link StoredType#Q8_0} or {@link StoredType#Q4_0}, for the
/// kernels in C, which also round the rows to eight bits.
///
/// **Layout.** A band has 32 outputs. For each block of 32 inputs it has pairs of vectors of 16 lanes of 32 bits, one
/// lane for each output. In eight bits there are eight pairs, and the bytes of a lane are four neighbouring inputs.
/// In four bits there are four, and the low halves of the bytes are four inputs, the high halves the next four.
/// Weights are integers from -128 to 127 or from -8 to 7, stored with 128 or 8 added. Inputs are padded with zeros
/// as in {@link TiledMatrix}, outputs to a multiple of 32.
///
/// A block of an output has a scale in float16; the scales lie apart, for each band and block those of the 32
/// outputs.
final class NarrowMatrix implements WeightMatrix {

    /// The number of outputs in a band.
    static final int BAND = 32;

    /// The number of inputs in a block.
    static final int BLOCK = 32;

    private static final int GROUP = Integer.BYTES;

    private final NativeKernels natives;
    private final NativeKernels.Bits bits;
    private final int outputs;
    private final int inputs;
    private final int paddedInputs;
    private final MemorySegment bands;
    private final MemorySegment scales;

    NarrowMatrix(NativeKernels.Bits bits, int outputs, int inputs, WeightMemory memory, NativeKernels natives) {
        this.natives = natives;
        this.bits = bits;
        this.outputs = outputs;
        this.inputs = inputs;
        this.paddedInputs = TiledMatrix.padded(inputs);
        long weights = (long) Math.ceilDiv(outputs, BAND) * BAND * paddedInputs;
        this.bands = memory.allocate(Math.max(1, weights * bits.count() / Byte.SIZE));
        this.scales = memory.allocate(Math.max(1, weights / BLOCK * Short.BYTES));
    }

    /// Writes one output's weights.
    ///
    /// @param output index of the output
    /// @param row the blocks of the output; missing ones are zeros
    void store(int output, ByteBuffer row) {
        int[] numbers = new int[BLOCK];
        for (int block = 0; row.hasRemaining(); block++) {
            long blocks = paddedInputs / BLOCK;
            long index = (output / BAND * blocks + block) * BAND + output % BAND;
            scales.setAtIndex(ValueLayout.JAVA_SHORT, index, row.getShort());
            if (bits == NativeKernels.Bits.EIGHT) {
                storeEight(output, block, row);
            } else {
                storeFour(output, block, row, numbers);
            }
        }
    }

    private void storeEight(int output, int block, ByteBuffer row) {
        for (int i = 0; i < BLOCK; i++) {
            bands.set(ValueLayout.JAVA_BYTE, place(output, block, i / GROUP, i % GROUP), (byte) (row.get() + 128));
        }
    }

    /// Writes a block, whose low halves of bytes are the first sixteen numbers and whose high halves are the others.
    private void storeFour(int output, int block, ByteBuffer row, int[] numbers) {
        for (int i = 0; i < BLOCK / 2; i++) {
            int both = Byte.toUnsignedInt(row.get());
            numbers[i] = both & 15;
            numbers[BLOCK / 2 + i] = both >> 4;
        }
        for (int i = 0; i < BLOCK; i += 2 * GROUP) {
            for (int at = 0; at < GROUP; at++) {
                byte both = (byte) (numbers[i + GROUP + at] << 4 | numbers[i + at]);
                bands.set(ValueLayout.JAVA_BYTE, place(output, block, i / (2 * GROUP), at), both);
            }
        }
    }

    /// The offset of a byte in an output's lane.
    private long place(int output, int block, int vector, int at) {
        long blockBytes = (long) BAND * BLOCK * bits.count() / Byte.SIZE;
        long band = (long) (output / BAND) * (paddedInputs / BLOCK) * blockBytes;
        return band + block * blockBytes + (long) vector * BAND * GROUP + (long) (output % BAND) * GROUP + at;
    }

    @Override
    public int outputs() {
        return outputs;
    }

    @Override
    public int inputs() {
        return inputs;
    }

    @Override
    public long bytes() {
        return bands.byteSize() + scales.byteSize();
    }

    @Override
    public void multiply(float[] rows, int count, float[] products, WorkerPool workers) {
        requireRoom(rows, count, products);
        natives.multiply(
                new NativeKernels.Weights(bands, scales, bits, outputs, inputs, paddedInputs),
                rows,
                count,
                products,
                workers);
    }
}
