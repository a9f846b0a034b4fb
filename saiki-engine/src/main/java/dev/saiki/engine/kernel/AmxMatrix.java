package dev.saiki.engine.kernel;

import dev.saiki.checkpoint.safetensors.BFloat16;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Weights in bfloat16 that the kernels in C multiply in the tile registers of processors with Intel's AMX.
///
/// **Layout.** A band has 32 outputs. For each pair of inputs it has two vectors of 16 lanes of 32 bits, one lane for
/// each output: the first input's weight in the lower half, the second's in the upper half. A tile register holds
/// sixteen such vectors. Inputs are padded with zeros as in {@link TiledMatrix}, outputs to a multiple of 32.
///
/// The processor determines the order in which the terms of a product are added. It is the same for one row and for
/// many.
final class AmxMatrix extends WeightMatrix {

    private static final long VECTOR_BYTES = 64;
    private static final int LANES = 16;

    private final NativeKernels natives;
    private final MemorySegment bands;

    AmxMatrix(int outputs, int inputs, WeightMemory memory, NativeKernels natives) {
        super(outputs, inputs);
        this.natives = natives;
        this.bands = memory.allocate(Math.max(1, Math.ceilDiv(outputs, NarrowMatrix.BAND) * bandBytes()));
    }

    private long bandBytes() {
        return (long) paddedInputs * NarrowMatrix.BAND * Short.BYTES;
    }

    /// Writes one output's weights.
    ///
    /// @param output index of the output
    /// @param values the weights, padded with zeros to the length {@link TiledMatrix#padded(int)}
    void store(int output, float[] values) {
        int lane = output % NarrowMatrix.BAND;
        long at = output / NarrowMatrix.BAND * bandBytes()
                + lane / LANES * VECTOR_BYTES
                + (long) lane % LANES * Integer.BYTES;
        for (int i = 0; i < values.length; i += 2) {
            int pair = BFloat16.of(values[i + 1]) << Short.SIZE | Short.toUnsignedInt(BFloat16.of(values[i]));
            bands.set(ValueLayout.JAVA_INT, at, pair);
            at += NarrowMatrix.BAND / LANES * VECTOR_BYTES;
        }
    }

    @Override
    public long bytes() {
        return bands.byteSize();
    }

    @Override
    public void multiply(float[] rows, int count, float[] products, WorkerPool workers) {
        requireRoom(rows, count, products);
        NativeKernels.Weights weights = new NativeKernels.Weights(
                bands, MemorySegment.NULL, Packing.BFLOAT16_TILES, outputs, inputs, paddedInputs);
        natives.multiply(weights, rows, count, products, workers);
    }
}
