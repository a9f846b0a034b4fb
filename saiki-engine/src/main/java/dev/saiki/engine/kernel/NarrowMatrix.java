package dev.saiki.engine.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// Weights in eight or four bits, for the kernels in C, which also round the rows to eight bits.
///
/// **Layout.** A band has 32 outputs. For each block of 32 inputs it has pairs of vectors of 16 lanes of 32 bits, one
/// lane for each output. In eight bits there are eight pairs, and the bytes of a lane are four neighbouring inputs.
/// In four bits there are four, and the low halves of the bytes are four inputs, the high halves the next four.
/// Weights are integers from -127 to 127 or from -8 to 7, stored with 128 or 8 added. Inputs are padded with zeros
/// as in {@link TiledMatrix}, outputs to a multiple of 32.
///
/// In eight bits an output has a scale. In four bits a block of an output has a scale ({@link FourBits}); the
/// scales lie apart, for each band and block those of the 32 outputs.
final class NarrowMatrix implements WeightMatrix {

    /// The number of outputs in a band.
    static final int BAND = 32;

    private static final int GROUP = Integer.BYTES;

    private final NativeKernels natives;
    private final NativeKernels.Bits bits;
    private final int outputs;
    private final int inputs;
    private final int paddedInputs;
    private final MemorySegment bands;
    private final MemorySegment blockScales;
    private final float[] scales;

    NarrowMatrix(NativeKernels.Bits bits, int outputs, int inputs, WeightMemory memory, NativeKernels natives) {
        this.natives = natives;
        this.bits = bits;
        this.outputs = outputs;
        this.inputs = inputs;
        this.paddedInputs = TiledMatrix.padded(inputs);
        this.scales = new float[Math.ceilDiv(outputs, BAND) * BAND];
        Arrays.fill(scales, 1);
        long weights = (long) scales.length * paddedInputs;
        this.bands = memory.allocate(Math.max(1, weights * bits.count() / Byte.SIZE));
        this.blockScales = bits == NativeKernels.Bits.FOUR
                ? memory.allocate(Math.max(1, weights / FourBits.BLOCK * Short.BYTES))
                : MemorySegment.NULL;
    }

    /// Rounds and writes one output's weights.
    ///
    /// @param output index of the output
    /// @param values the weights, padded with zeros
    /// @throws IllegalArgumentException if a weight is not finite
    void store(int output, float[] values) {
        if (bits == NativeKernels.Bits.EIGHT) {
            scales[output] = EightBits.scale(values);
        }
        for (int block = 0; block < values.length / FourBits.BLOCK; block++) {
            int from = block * FourBits.BLOCK;
            if (bits == NativeKernels.Bits.EIGHT) {
                for (int i = 0; i < FourBits.BLOCK; i++) {
                    int number = EightBits.rounded(values[from + i], scales[output]) + 128;
                    bands.set(ValueLayout.JAVA_BYTE, place(output, block, i / GROUP, i % GROUP), (byte) number);
                }
            } else {
                storeBlock(output, block, values, from);
            }
        }
    }

    private void storeBlock(int output, int block, float[] values, int from) {
        float scale = FourBits.scale(values, from);
        for (int i = 0; i < FourBits.BLOCK; i += 2 * GROUP) {
            for (int place = 0; place < GROUP; place++) {
                int low = FourBits.rounded(values[from + i + place], scale) + 8;
                int high = FourBits.rounded(values[from + i + GROUP + place], scale) + 8;
                bands.set(
                        ValueLayout.JAVA_BYTE, place(output, block, i / (2 * GROUP), place), (byte) (high << 4 | low));
            }
        }
        long blocks = paddedInputs / FourBits.BLOCK;
        long index = (output / BAND * blocks + block) * BAND + output % BAND;
        blockScales.setAtIndex(ValueLayout.JAVA_SHORT, index, BFloat16.of(scale));
    }

    /// The offset of a byte in an output's lane.
    private long place(int output, int block, int vector, int at) {
        long blockBytes = (long) BAND * FourBits.BLOCK * bits.count() / Byte.SIZE;
        long band = (long) (output / BAND) * (paddedInputs / FourBits.BLOCK) * blockBytes;
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
        return bands.byteSize()
                + (bits == NativeKernels.Bits.FOUR ? blockScales.byteSize() : (long) Float.BYTES * outputs);
    }

    @Override
    public void multiply(float[] rows, int count, float[] products, WorkerPool workers) {
        requireRoom(rows, count, products);
        natives.multiply(
                new NativeKernels.Weights(bands, blockScales, bits, outputs, inputs, paddedInputs, scales),
                rows,
                count,
                products,
                workers);
    }
}
