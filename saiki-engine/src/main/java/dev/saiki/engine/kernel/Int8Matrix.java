package dev.saiki.engine.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorOperators;

/// Weights in {@linkplain EightBits eight bits}, for the kernels in Java.
///
/// A 32-bit lane holds four weights of one output, which are multiplied by four different vectors of inputs; the
/// highest byte belongs to the first vector. A byte is never moved to the low end: it is shifted or masked into
/// the top of the lane, where it stands for q · 2^24. The conversion of this number to float32 is exact, and the
/// products are multiplied by 2^-24.
final class Int8Matrix extends TiledMatrix {

    private static final float SHIFTED = 0x1p-24f;
    private static final int QUARTET = 4 * Lanes.COUNT;
    private static final long VECTOR_BYTES = (long) Lanes.COUNT * Integer.BYTES;
    private static final long STEP_BYTES = BAND * VECTOR_BYTES;
    private static final IntVector TOP = IntVector.broadcast(Lanes.INTS, 0xff000000);

    private final int outputs;

    Int8Matrix(int outputs, int inputs, WeightMemory memory) {
        super(outputs, inputs, Byte.BYTES, memory);
        this.outputs = outputs;
    }

    @Override
    public long bytes() {
        return super.bytes() + (long) outputs * Float.BYTES;
    }

    @Override
    float store(long band, int lane, float[] values) {
        float scale = EightBits.scale(values);
        for (int i = 0; i < values.length; i++) {
            long step = (i / QUARTET) * STEP_BYTES + lane * VECTOR_BYTES;
            long at = band + step + (i % Lanes.COUNT) * (long) Integer.BYTES + 3 - (i % QUARTET) / Lanes.COUNT;
            weights.set(ValueLayout.JAVA_BYTE, at, (byte) EightBits.rounded(values[i], scale));
        }
        return scale;
    }

    @Override
    float unit() {
        return SHIFTED;
    }

    @Override
    void multiplyRow(float[] rows, int row, long band, int count, float[] lanes) {
        FloatVector sum0 = FloatVector.zero(Lanes.FLOATS);
        FloatVector sum1 = sum0;
        FloatVector sum2 = sum0;
        FloatVector sum3 = sum0;
        long at = band;
        int stride = 4 * Lanes.stride();
        for (int i = row; i < row + count; i += stride) {
            IntVector four0 = vector(at);
            IntVector four1 = vector(at + VECTOR_BYTES);
            IntVector four2 = vector(at + 2 * VECTOR_BYTES);
            IntVector four3 = vector(at + 3 * VECTOR_BYTES);
            FloatVector x = FloatVector.fromArray(Lanes.FLOATS, rows, i);
            sum0 = x.fma(four0.and(TOP).convert(VectorOperators.I2F, 0), sum0);
            sum1 = x.fma(four1.and(TOP).convert(VectorOperators.I2F, 0), sum1);
            sum2 = x.fma(four2.and(TOP).convert(VectorOperators.I2F, 0), sum2);
            sum3 = x.fma(four3.and(TOP).convert(VectorOperators.I2F, 0), sum3);
            x = FloatVector.fromArray(Lanes.FLOATS, rows, i + Lanes.COUNT);
            sum0 = x.fma(four0.lanewise(VectorOperators.LSHL, 8).and(TOP).convert(VectorOperators.I2F, 0), sum0);
            sum1 = x.fma(four1.lanewise(VectorOperators.LSHL, 8).and(TOP).convert(VectorOperators.I2F, 0), sum1);
            sum2 = x.fma(four2.lanewise(VectorOperators.LSHL, 8).and(TOP).convert(VectorOperators.I2F, 0), sum2);
            sum3 = x.fma(four3.lanewise(VectorOperators.LSHL, 8).and(TOP).convert(VectorOperators.I2F, 0), sum3);
            x = FloatVector.fromArray(Lanes.FLOATS, rows, i + 2 * Lanes.COUNT);
            sum0 = x.fma(four0.lanewise(VectorOperators.LSHL, 16).and(TOP).convert(VectorOperators.I2F, 0), sum0);
            sum1 = x.fma(four1.lanewise(VectorOperators.LSHL, 16).and(TOP).convert(VectorOperators.I2F, 0), sum1);
            sum2 = x.fma(four2.lanewise(VectorOperators.LSHL, 16).and(TOP).convert(VectorOperators.I2F, 0), sum2);
            sum3 = x.fma(four3.lanewise(VectorOperators.LSHL, 16).and(TOP).convert(VectorOperators.I2F, 0), sum3);
            x = FloatVector.fromArray(Lanes.FLOATS, rows, i + 3 * Lanes.COUNT);
            sum0 = x.fma(four0.lanewise(VectorOperators.LSHL, 24).convert(VectorOperators.I2F, 0), sum0);
            sum1 = x.fma(four1.lanewise(VectorOperators.LSHL, 24).convert(VectorOperators.I2F, 0), sum1);
            sum2 = x.fma(four2.lanewise(VectorOperators.LSHL, 24).convert(VectorOperators.I2F, 0), sum2);
            sum3 = x.fma(four3.lanewise(VectorOperators.LSHL, 24).convert(VectorOperators.I2F, 0), sum3);
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
            IntVector four0 = IntVector.fromMemorySegment(Lanes.INTS, memory, at, Lanes.ORDER);
            IntVector four1 = IntVector.fromMemorySegment(Lanes.INTS, memory, at + VECTOR_BYTES, Lanes.ORDER);
            IntVector four2 = IntVector.fromMemorySegment(Lanes.INTS, memory, at + 2 * VECTOR_BYTES, Lanes.ORDER);
            IntVector four3 = IntVector.fromMemorySegment(Lanes.INTS, memory, at + 3 * VECTOR_BYTES, Lanes.ORDER);
            int next = x + 4 * stride;
            for (; x < next; x += stride) {
                Vector<Float> w0 = four0.and(TOP).convert(VectorOperators.I2F, 0);
                Vector<Float> w1 = four1.and(TOP).convert(VectorOperators.I2F, 0);
                Vector<Float> w2 = four2.and(TOP).convert(VectorOperators.I2F, 0);
                Vector<Float> w3 = four3.and(TOP).convert(VectorOperators.I2F, 0);
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
                four0 = four0.lanewise(VectorOperators.LSHL, 8);
                four1 = four1.lanewise(VectorOperators.LSHL, 8);
                four2 = four2.lanewise(VectorOperators.LSHL, 8);
                four3 = four3.lanewise(VectorOperators.LSHL, 8);
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
}
