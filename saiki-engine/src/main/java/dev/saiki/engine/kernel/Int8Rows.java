package dev.saiki.engine.kernel;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Rows of activations rounded to eight bits, each row with its own scale: x ≈ s · q, where s is the largest
/// absolute number / 127 and q the integer nearest to x / s, ties to even.
///
/// **Order of columns.** A 32-bit lane takes one number from each of four neighbouring vectors; the lowest byte
/// comes from the first vector. Packing then needs only shifts, and no moves between lanes. Weights that are
/// multiplied by such rows have their columns in the same order, {@link #place}.
///
/// **Sign.** Bytes contain q + 128, as {@link dev.saiki.tensor.PackedLinear#int8} expects: the top bit is
/// inverted.
///
/// **Rounding.** 1.5 · 2^23 is added to the scaled number, and the processor's addition does the rounding. The low
/// bits of the sum are then q in two's complement.
final class Int8Rows {

    private static final float LARGEST = 127;
    private static final float ROUNDER = 0x1.8p23f;
    private static final int LOWEST_BYTE = 0xff;
    private static final int TOP_BITS = 0x80808080;

    /// The number of rows that a worker rounds at a time.
    private static final int ROWS_A_PART = 8;

    private Int8Rows() {}

    /// Returns the position of a column in a rounded row.
    ///
    /// @param input index of the column
    /// @return index of the column's byte
    static int place(int input) {
        int inUnit = input % TiledMatrix.UNIT;
        return input - inUnit + inUnit % Lanes.COUNT * Integer.BYTES + inUnit / Lanes.COUNT;
    }

    /// Rounds rows to eight bits.
    ///
    /// @param rows `[n, in]`
    /// @param count number of rows, n
    /// @param inputs length of a row
    /// @param narrow receives n rows of bytes, each padded with zeros to the length of a {@link TiledMatrix} row
    /// @param scales receives the scale of each row; NaN if a number of the row is not finite
    /// @param workers threads that share the work
    static void narrow(float[] rows, int count, int inputs, MemorySegment narrow, float[] scales, WorkerPool workers) {
        workers.run(Math.ceilDiv(count, ROWS_A_PART), part -> {
            int end = Math.min(count, (part + 1) * ROWS_A_PART);
            for (int row = part * ROWS_A_PART; row < end; row++) {
                scales[row] = narrow(rows, row * inputs, inputs, narrow, (long) row * TiledMatrix.padded(inputs));
            }
        });
    }

    private static float narrow(float[] rows, int from, int inputs, MemorySegment narrow, long to) {
        float largest = largest(rows, from, inputs);
        if (!Float.isFinite(largest)) {
            narrow.asSlice(to, TiledMatrix.padded(inputs)).fill((byte) TOP_BITS);
            return Float.NaN;
        }
        float inverse = largest == 0 ? 0 : LARGEST / largest;
        int whole = inputs / TiledMatrix.UNIT * TiledMatrix.UNIT;
        for (int i = 0; i < whole; i += TiledMatrix.UNIT) {
            pack(rows, from + i, inverse, narrow, to + i);
        }
        if (whole < inputs) {
            float[] padded = new float[TiledMatrix.UNIT];
            System.arraycopy(rows, from + whole, padded, 0, inputs - whole);
            pack(padded, 0, inverse, narrow, to + whole);
        }
        return largest / LARGEST;
    }

    private static void pack(float[] rows, int from, float inverse, MemorySegment narrow, long to) {
        FloatVector scale = FloatVector.broadcast(Lanes.FLOATS, inverse);
        FloatVector rounder = FloatVector.broadcast(Lanes.FLOATS, ROUNDER);
        IntVector first = FloatVector.fromArray(Lanes.FLOATS, rows, from)
                .fma(scale, rounder)
                .reinterpretAsInts()
                .and(LOWEST_BYTE);
        IntVector second = FloatVector.fromArray(Lanes.FLOATS, rows, from + Lanes.COUNT)
                .fma(scale, rounder)
                .reinterpretAsInts()
                .and(LOWEST_BYTE)
                .lanewise(VectorOperators.LSHL, Byte.SIZE);
        IntVector third = FloatVector.fromArray(Lanes.FLOATS, rows, from + 2 * Lanes.COUNT)
                .fma(scale, rounder)
                .reinterpretAsInts()
                .and(LOWEST_BYTE)
                .lanewise(VectorOperators.LSHL, 2 * Byte.SIZE);
        IntVector fourth = FloatVector.fromArray(Lanes.FLOATS, rows, from + 3 * Lanes.COUNT)
                .fma(scale, rounder)
                .reinterpretAsInts()
                .lanewise(VectorOperators.LSHL, 3 * Byte.SIZE);
        first.or(second)
                .or(third)
                .or(fourth)
                .lanewise(VectorOperators.XOR, TOP_BITS)
                .intoMemorySegment(narrow, to, Lanes.ORDER);
    }

    /// Returns the largest absolute number of a row; NaN if a number is NaN.
    private static float largest(float[] rows, int from, int inputs) {
        FloatVector most = FloatVector.zero(Lanes.FLOATS);
        int whole = Lanes.FLOATS.loopBound(inputs);
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            most = most.max(FloatVector.fromArray(Lanes.FLOATS, rows, from + i).abs());
        }
        float largest = most.reduceLanes(VectorOperators.MAX);
        for (int i = whole; i < inputs; i++) {
            largest = Math.max(largest, Math.abs(rows[from + i]));
        }
        return largest;
    }
}
