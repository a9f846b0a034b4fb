package dev.saiki.engine.kernel;

import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// Weights in four bits with a scale for each {@link FourBits#BLOCK} inputs, for the kernels in C.
///
/// **Layout.** A band has four outputs, as in {@link TiledMatrix}. For each 64 inputs it has two vectors of 32-bit
/// lanes, the first for the outputs 0 and 1, the second for 2 and 3. A lane has one input of each 16: its upper half
/// an input of the first and the third 16, its lower half of the second and the fourth. In each half, the lowest
/// four bits belong to the even output's first block, the next to its second block, the next to the odd output.
/// The scales lie apart: for each 64 inputs those of the first block's four outputs, then those of the second's.
final class Int4Matrix implements WeightMatrix {

    private static final int STEP = 2 * FourBits.BLOCK;
    private static final int VECTOR_BYTES = 64;
    private static final int STEP_BYTES = STEP * TiledMatrix.BAND / 2;
    private static final int STEP_SCALES = 2 * TiledMatrix.BAND;
    private static final int HALF = 16;

    private final NativeKernels natives;
    private final NativeKernels.Weights weights;

    Int4Matrix(int outputs, int inputs, WeightMemory memory, NativeKernels natives) {
        int padded = TiledMatrix.padded(inputs);
        int bands = Math.ceilDiv(outputs, TiledMatrix.BAND);
        long steps = (long) bands * (padded / STEP);
        float[] ones = new float[bands * TiledMatrix.BAND];
        Arrays.fill(ones, 1);
        this.natives = natives;
        this.weights = new NativeKernels.Weights(
                memory.allocate(Math.max(1, steps * STEP_BYTES)),
                memory.allocate(Math.max(1, steps * STEP_SCALES * Short.BYTES)),
                NativeKernels.Bits.FOUR,
                outputs,
                inputs,
                padded,
                ones);
    }

    /// Rounds and writes one output's weights.
    ///
    /// @param output index of the output
    /// @param values the weights, padded with zeros
    void store(int output, float[] values) {
        int odd = output % 2;
        int lane = output % TiledMatrix.BAND;
        for (int block = 0; block < values.length / FourBits.BLOCK; block++) {
            int from = block * FourBits.BLOCK;
            float scale = FourBits.scale(values, from);
            long step = (long) (output / TiledMatrix.BAND) * (weights.paddedInputs() / STEP) + block / 2;
            long at = step * STEP_BYTES + (long) (lane / 2) * VECTOR_BYTES + odd;
            for (int i = 0; i < FourBits.BLOCK; i++) {
                int number = FourBits.rounded(values[from + i], scale) & 0xf;
                long place = at + (long) (i % HALF) * Integer.BYTES + (i < HALF ? Short.BYTES : 0);
                byte before = weights.bands().get(ValueLayout.JAVA_BYTE, place);
                weights.bands().set(ValueLayout.JAVA_BYTE, place, (byte) (before | (number << (block % 2 * 4))));
            }
            long index = step * STEP_SCALES + (long) (block % 2) * TiledMatrix.BAND + lane;
            weights.blockScales().setAtIndex(ValueLayout.JAVA_SHORT, index, BFloat16.of(scale));
        }
    }

    @Override
    public int outputs() {
        return weights.outputs();
    }

    @Override
    public int inputs() {
        return weights.inputs();
    }

    @Override
    public long bytes() {
        return weights.bands().byteSize() + weights.blockScales().byteSize();
    }

    @Override
    public void multiply(float[] rows, int count, float[] products, WorkerPool workers) {
        requireRoom(rows, count, products);
        natives.multiply(weights, rows, count, products, workers);
    }
}
