package dev.saiki.engine.kernel;

import dev.saiki.checkpoint.safetensors.BFloat16;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Weights in bfloat16, the upper half of a float32.
///
/// A 32-bit lane holds two weights of one output. The upper half is multiplied by one vector of inputs, the lower
/// half by the next vector. A mask converts the upper half to float32, a shift the lower half.
final class BFloat16Matrix extends TiledMatrix {

    private static final int PAIR = 2 * Lanes.COUNT;
    private static final long VECTOR_BYTES = (long) Lanes.COUNT * Integer.BYTES;
    private static final long STEP_BYTES = BAND * VECTOR_BYTES;
    private static final IntVector UPPER = IntVector.broadcast(Lanes.INTS, 0xffff0000);

    BFloat16Matrix(int outputs, int inputs, WeightMemory memory, Optional<NativeKernels> natives) {
        super(outputs, inputs, Packing.BFLOAT16, memory, natives);
    }

    @Override
    void store(long band, int lane, float[] values) {
        int[] pairs = new int[Lanes.COUNT];
        long at = band + lane * VECTOR_BYTES;
        for (int i = 0; i < values.length; i += PAIR) {
            for (int j = 0; j < Lanes.COUNT; j++) {
                int upper = BFloat16.of(values[i + j]) << 16;
                pairs[j] = upper | Short.toUnsignedInt(BFloat16.of(values[i + Lanes.COUNT + j]));
            }
            MemorySegment.copy(pairs, 0, weights, ValueLayout.JAVA_INT, at, Lanes.COUNT);
            at += STEP_BYTES;
        }
    }

    @Override
    void multiplyRow(float[] rows, int row, long band, int count, float[] lanes) {
        FloatVector sum0 = FloatVector.zero(Lanes.FLOATS);
        FloatVector sum1 = sum0;
        FloatVector sum2 = sum0;
        FloatVector sum3 = sum0;
        long at = band;
        int stride = 2 * Lanes.stride();
        for (int i = row; i < row + count; i += stride) {
            FloatVector x = FloatVector.fromArray(Lanes.FLOATS, rows, i);
            FloatVector y = FloatVector.fromArray(Lanes.FLOATS, rows, i + Lanes.COUNT);
            IntVector pair0 = vector(at);
            IntVector pair1 = vector(at + VECTOR_BYTES);
            IntVector pair2 = vector(at + 2 * VECTOR_BYTES);
            IntVector pair3 = vector(at + 3 * VECTOR_BYTES);
            sum0 = y.fma(lower(pair0), x.fma(upper(pair0), sum0));
            sum1 = y.fma(lower(pair1), x.fma(upper(pair1), sum1));
            sum2 = y.fma(lower(pair2), x.fma(upper(pair2), sum2));
            sum3 = y.fma(lower(pair3), x.fma(upper(pair3), sum3));
            at += STEP_BYTES;
        }
        sum0.intoArray(lanes, 0);
        sum1.intoArray(lanes, Lanes.COUNT);
        sum2.intoArray(lanes, 2 * Lanes.COUNT);
        sum3.intoArray(lanes, 3 * Lanes.COUNT);
    }

    /// Multiplies a tile, in one long method on purpose: its sixteen sums are local variables, so that they
    /// stay in registers.
    @Override
    void multiplyTile(RowTile tile, long stretch, int count) {
        MemorySegment memory = weights;
        float[] rows = tile.rows;
        float[] before = tile.before;
        int start = tile.start;
        FloatVector sum00 = FloatVector.fromArray(Lanes.FLOATS, before, start + 0 * Lanes.COUNT);
        FloatVector sum01 = FloatVector.fromArray(Lanes.FLOATS, before, start + 1 * Lanes.COUNT);
        FloatVector sum02 = FloatVector.fromArray(Lanes.FLOATS, before, start + 2 * Lanes.COUNT);
        FloatVector sum03 = FloatVector.fromArray(Lanes.FLOATS, before, start + 3 * Lanes.COUNT);
        FloatVector sum10 = FloatVector.fromArray(Lanes.FLOATS, before, start + 4 * Lanes.COUNT);
        FloatVector sum11 = FloatVector.fromArray(Lanes.FLOATS, before, start + 5 * Lanes.COUNT);
        FloatVector sum12 = FloatVector.fromArray(Lanes.FLOATS, before, start + 6 * Lanes.COUNT);
        FloatVector sum13 = FloatVector.fromArray(Lanes.FLOATS, before, start + 7 * Lanes.COUNT);
        FloatVector sum20 = FloatVector.fromArray(Lanes.FLOATS, before, start + 8 * Lanes.COUNT);
        FloatVector sum21 = FloatVector.fromArray(Lanes.FLOATS, before, start + 9 * Lanes.COUNT);
        FloatVector sum22 = FloatVector.fromArray(Lanes.FLOATS, before, start + 10 * Lanes.COUNT);
        FloatVector sum23 = FloatVector.fromArray(Lanes.FLOATS, before, start + 11 * Lanes.COUNT);
        FloatVector sum30 = FloatVector.fromArray(Lanes.FLOATS, before, start + 12 * Lanes.COUNT);
        FloatVector sum31 = FloatVector.fromArray(Lanes.FLOATS, before, start + 13 * Lanes.COUNT);
        FloatVector sum32 = FloatVector.fromArray(Lanes.FLOATS, before, start + 14 * Lanes.COUNT);
        FloatVector sum33 = FloatVector.fromArray(Lanes.FLOATS, before, start + 15 * Lanes.COUNT);
        long at = stretch;
        int x = tile.x;
        int stride = 4 * Lanes.stride();
        int end = x + 4 * count;
        while (x < end) {
            IntVector pair0 = IntVector.fromMemorySegment(Lanes.INTS, memory, at, Lanes.ORDER);
            IntVector pair1 = IntVector.fromMemorySegment(Lanes.INTS, memory, at + VECTOR_BYTES, Lanes.ORDER);
            IntVector pair2 = IntVector.fromMemorySegment(Lanes.INTS, memory, at + 2 * VECTOR_BYTES, Lanes.ORDER);
            IntVector pair3 = IntVector.fromMemorySegment(Lanes.INTS, memory, at + 3 * VECTOR_BYTES, Lanes.ORDER);
            int next = x + 2 * stride;
            for (; x < next; x += stride) {
                FloatVector w0 = pair0.and(UPPER).reinterpretAsFloats();
                FloatVector w1 = pair1.and(UPPER).reinterpretAsFloats();
                FloatVector w2 = pair2.and(UPPER).reinterpretAsFloats();
                FloatVector w3 = pair3.and(UPPER).reinterpretAsFloats();
                FloatVector row0 = FloatVector.fromArray(Lanes.FLOATS, rows, x);
                sum00 = row0.fma(w0, sum00);
                sum01 = row0.fma(w1, sum01);
                sum02 = row0.fma(w2, sum02);
                sum03 = row0.fma(w3, sum03);
                FloatVector row1 = FloatVector.fromArray(Lanes.FLOATS, rows, x + Lanes.COUNT);
                sum10 = row1.fma(w0, sum10);
                sum11 = row1.fma(w1, sum11);
                sum12 = row1.fma(w2, sum12);
                sum13 = row1.fma(w3, sum13);
                FloatVector row2 = FloatVector.fromArray(Lanes.FLOATS, rows, x + 2 * Lanes.COUNT);
                sum20 = row2.fma(w0, sum20);
                sum21 = row2.fma(w1, sum21);
                sum22 = row2.fma(w2, sum22);
                sum23 = row2.fma(w3, sum23);
                FloatVector row3 = FloatVector.fromArray(Lanes.FLOATS, rows, x + 3 * Lanes.COUNT);
                sum30 = row3.fma(w0, sum30);
                sum31 = row3.fma(w1, sum31);
                sum32 = row3.fma(w2, sum32);
                sum33 = row3.fma(w3, sum33);
                pair0 = pair0.lanewise(VectorOperators.LSHL, 16);
                pair1 = pair1.lanewise(VectorOperators.LSHL, 16);
                pair2 = pair2.lanewise(VectorOperators.LSHL, 16);
                pair3 = pair3.lanewise(VectorOperators.LSHL, 16);
            }
            at += STEP_BYTES;
        }
        sum00.intoArray(tile.lanes, tile.at + 0 * Lanes.COUNT);
        sum01.intoArray(tile.lanes, tile.at + 1 * Lanes.COUNT);
        sum02.intoArray(tile.lanes, tile.at + 2 * Lanes.COUNT);
        sum03.intoArray(tile.lanes, tile.at + 3 * Lanes.COUNT);
        sum10.intoArray(tile.lanes, tile.at + 4 * Lanes.COUNT);
        sum11.intoArray(tile.lanes, tile.at + 5 * Lanes.COUNT);
        sum12.intoArray(tile.lanes, tile.at + 6 * Lanes.COUNT);
        sum13.intoArray(tile.lanes, tile.at + 7 * Lanes.COUNT);
        sum20.intoArray(tile.lanes, tile.at + 8 * Lanes.COUNT);
        sum21.intoArray(tile.lanes, tile.at + 9 * Lanes.COUNT);
        sum22.intoArray(tile.lanes, tile.at + 10 * Lanes.COUNT);
        sum23.intoArray(tile.lanes, tile.at + 11 * Lanes.COUNT);
        sum30.intoArray(tile.lanes, tile.at + 12 * Lanes.COUNT);
        sum31.intoArray(tile.lanes, tile.at + 13 * Lanes.COUNT);
        sum32.intoArray(tile.lanes, tile.at + 14 * Lanes.COUNT);
        sum33.intoArray(tile.lanes, tile.at + 15 * Lanes.COUNT);
    }

    private IntVector vector(long at) {
        return IntVector.fromMemorySegment(Lanes.INTS, weights, at, Lanes.ORDER);
    }

    private static FloatVector lower(IntVector pair) {
        return pair.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
    }

    private static FloatVector upper(IntVector pair) {
        return pair.and(UPPER).reinterpretAsFloats();
    }
}
