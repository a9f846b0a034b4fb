package dev.saiki.engine.kernel;

import dev.saiki.checkpoint.safetensors.BFloat16;
import dev.saiki.engine.settings.CacheFormat;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// The inner loops of attention over one page. The loops process the keys or the values of one key-value head for
/// consecutive slots, `[slot][dim]`, in off-heap memory and in the machine's byte order.
///
/// A score is one chain of fused multiply-adds for each lane, over the vectors of the key, followed by the sum of
/// the lanes in a fixed order. A component of the output is one chain over the slots, which starts from the
/// current output. So the number of queries and the page boundaries do not change a single bit, as long as pages
/// are visited in order.
///
/// The remainder of `dim` beyond whole vectors is computed one number at a time. This is slow, but no known model
/// has heads with a remainder.
public final class PageKernels {

    /// The species of two-byte numbers that are widened to one vector of floats.
    private static final VectorSpecies<Short> SHORTS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(Lanes.FLOATS.vectorBitSize() / 2));

    /// The number of slots whose scores are computed together.
    private static final int SLOTS = 4;

    /// The width of the part of an output that is summed together.
    private static final int WIDE = 4 * Lanes.COUNT;

    private PageKernels() {}

    /// The keys or the values of a key-value head in consecutive slots of a page.
    ///
    /// @param page memory that holds them
    /// @param offset the offset of the first one, in bytes
    /// @param format the number format
    /// @param count number of slots
    /// @param dim length of a key or value
    record Slots(MemorySegment page, long offset, CacheFormat format, int count, int dim) {

        /// The byte offset of a slot's key or value. A slot past the end is read as the last one.
        long at(int slot) {
            return offset + Math.min(slot, count - 1) * format.slotBytes(dim);
        }
    }

    /// Multiplies queries by keys: `scores[to + q · stride + j] = query q · key j`.
    ///
    /// @param query array that contains the queries, `[queries, dim]`
    /// @param from index of the first query
    /// @param queries number of queries that share the key head
    /// @param keys the keys
    /// @param scores receives the products
    /// @param to index of the first query's first score
    /// @param stride distance from the scores of one query to those of the next, in numbers
    static void scores(float[] query, int from, int queries, Slots keys, float[] scores, int to, int stride) {
        int whole = Lanes.FLOATS.loopBound(keys.dim());
        float[] lanes = new float[SLOTS * Lanes.COUNT];
        for (int slot = 0; slot < keys.count(); slot += SLOTS) {
            int count = Math.min(SLOTS, keys.count() - slot);
            for (int q = 0; q < queries; q++) {
                switch (keys.format()) {
                    case FLOAT32 -> multiplyFloat32(query, from + q * keys.dim(), keys, slot, whole, lanes);
                    case BFLOAT16 -> multiplyBFloat16(query, from + q * keys.dim(), keys, slot, whole, lanes);
                    case INT8 -> throw onlyInC();
                }
                Lanes.sumFour(lanes, 0, lanes, 0);
                System.arraycopy(lanes, 0, scores, to + q * stride + slot, count);
            }
        }
        for (int q = 0; whole < keys.dim() && q < queries; q++) {
            addScoresOfRest(query, from + q * keys.dim(), keys, scores, to + q * stride);
        }
    }

    /// Multiplies one query by four keys; if fewer keys remain, the last one is repeated.
    private static void multiplyFloat32(float[] query, int from, Slots keys, int slot, int count, float[] lanes) {
        FloatVector sum0 = FloatVector.zero(Lanes.FLOATS);
        FloatVector sum1 = sum0;
        FloatVector sum2 = sum0;
        FloatVector sum3 = sum0;
        MemorySegment page = keys.page();
        long key0 = keys.at(slot);
        long key1 = keys.at(slot + 1);
        long key2 = keys.at(slot + 2);
        long key3 = keys.at(slot + 3);
        int stride = Lanes.stride();
        for (int i = 0; i < count; i += stride) {
            FloatVector x = FloatVector.fromArray(Lanes.FLOATS, query, from + i);
            long at = (long) i * Float.BYTES;
            sum0 = x.fma(float32(page, key0 + at), sum0);
            sum1 = x.fma(float32(page, key1 + at), sum1);
            sum2 = x.fma(float32(page, key2 + at), sum2);
            sum3 = x.fma(float32(page, key3 + at), sum3);
        }
        sum0.intoArray(lanes, 0);
        sum1.intoArray(lanes, Lanes.COUNT);
        sum2.intoArray(lanes, 2 * Lanes.COUNT);
        sum3.intoArray(lanes, 3 * Lanes.COUNT);
    }

    private static void multiplyBFloat16(float[] query, int from, Slots keys, int slot, int count, float[] lanes) {
        FloatVector sum0 = FloatVector.zero(Lanes.FLOATS);
        FloatVector sum1 = sum0;
        FloatVector sum2 = sum0;
        FloatVector sum3 = sum0;
        MemorySegment page = keys.page();
        long key0 = keys.at(slot);
        long key1 = keys.at(slot + 1);
        long key2 = keys.at(slot + 2);
        long key3 = keys.at(slot + 3);
        int stride = Lanes.stride();
        for (int i = 0; i < count; i += stride) {
            FloatVector x = FloatVector.fromArray(Lanes.FLOATS, query, from + i);
            long at = (long) i * Short.BYTES;
            sum0 = x.fma(bFloat16(page, key0 + at), sum0);
            sum1 = x.fma(bFloat16(page, key1 + at), sum1);
            sum2 = x.fma(bFloat16(page, key2 + at), sum2);
            sum3 = x.fma(bFloat16(page, key3 + at), sum3);
        }
        sum0.intoArray(lanes, 0);
        sum1.intoArray(lanes, Lanes.COUNT);
        sum2.intoArray(lanes, 2 * Lanes.COUNT);
        sum3.intoArray(lanes, 3 * Lanes.COUNT);
    }

    private static void addScoresOfRest(float[] query, int from, Slots keys, float[] scores, int to) {
        for (int slot = 0; slot < keys.count(); slot++) {
            float sum = scores[to + slot];
            for (int i = Lanes.FLOATS.loopBound(keys.dim()); i < keys.dim(); i++) {
                sum = Math.fma(query[from + i], number(keys, slot, i), sum);
            }
            scores[to + slot] = sum;
        }
    }

    /// Adds the weighted values of a page to an output: `output += Σ_j weights[first + j] · value j`.
    ///
    /// @param weights array that contains the weights
    /// @param first index of the first weight
    /// @param values the values
    /// @param output array that contains the output, `[dim]`, to which the weighted values are added
    /// @param to index of the output
    static void addWeighted(float[] weights, int first, Slots values, float[] output, int to) {
        int dim = values.dim();
        int whole = Lanes.FLOATS.loopBound(dim);
        int i = 0;
        for (; i + WIDE <= whole; i += WIDE) {
            switch (values.format()) {
                case FLOAT32 -> addWideFloat32(weights, first, values, i, output, to + i);
                case BFLOAT16 -> addWideBFloat16(weights, first, values, i, output, to + i);
                case INT8 -> throw onlyInC();
            }
        }
        for (; i < whole; i += Lanes.COUNT) {
            addOne(weights, first, values, i, output, to + i);
        }
        for (; i < dim; i++) {
            float sum = output[to + i];
            for (int slot = 0; slot < values.count(); slot++) {
                sum = Math.fma(weights[first + slot], number(values, slot, i), sum);
            }
            output[to + i] = sum;
        }
    }

    /// Adds the weighted sum of four vectors from each value, with the sums kept in registers.
    private static void addWideFloat32(float[] weights, int weight, Slots values, int from, float[] output, int to) {
        FloatVector sum0 = FloatVector.fromArray(Lanes.FLOATS, output, to);
        FloatVector sum1 = FloatVector.fromArray(Lanes.FLOATS, output, to + Lanes.COUNT);
        FloatVector sum2 = FloatVector.fromArray(Lanes.FLOATS, output, to + 2 * Lanes.COUNT);
        FloatVector sum3 = FloatVector.fromArray(Lanes.FLOATS, output, to + 3 * Lanes.COUNT);
        MemorySegment page = values.page();
        long vector = (long) Lanes.COUNT * Float.BYTES;
        long at = values.offset() + (long) from * Float.BYTES;
        for (int slot = 0; slot < values.count(); slot++) {
            FloatVector w = FloatVector.broadcast(Lanes.FLOATS, weights[weight + slot]);
            sum0 = w.fma(float32(page, at), sum0);
            sum1 = w.fma(float32(page, at + vector), sum1);
            sum2 = w.fma(float32(page, at + 2 * vector), sum2);
            sum3 = w.fma(float32(page, at + 3 * vector), sum3);
            at += (long) values.dim() * Float.BYTES;
        }
        sum0.intoArray(output, to);
        sum1.intoArray(output, to + Lanes.COUNT);
        sum2.intoArray(output, to + 2 * Lanes.COUNT);
        sum3.intoArray(output, to + 3 * Lanes.COUNT);
    }

    private static void addWideBFloat16(float[] weights, int weight, Slots values, int from, float[] output, int to) {
        FloatVector sum0 = FloatVector.fromArray(Lanes.FLOATS, output, to);
        FloatVector sum1 = FloatVector.fromArray(Lanes.FLOATS, output, to + Lanes.COUNT);
        FloatVector sum2 = FloatVector.fromArray(Lanes.FLOATS, output, to + 2 * Lanes.COUNT);
        FloatVector sum3 = FloatVector.fromArray(Lanes.FLOATS, output, to + 3 * Lanes.COUNT);
        MemorySegment page = values.page();
        long vector = (long) Lanes.COUNT * Short.BYTES;
        long at = values.offset() + (long) from * Short.BYTES;
        for (int slot = 0; slot < values.count(); slot++) {
            FloatVector w = FloatVector.broadcast(Lanes.FLOATS, weights[weight + slot]);
            sum0 = w.fma(bFloat16(page, at), sum0);
            sum1 = w.fma(bFloat16(page, at + vector), sum1);
            sum2 = w.fma(bFloat16(page, at + 2 * vector), sum2);
            sum3 = w.fma(bFloat16(page, at + 3 * vector), sum3);
            at += (long) values.dim() * Short.BYTES;
        }
        sum0.intoArray(output, to);
        sum1.intoArray(output, to + Lanes.COUNT);
        sum2.intoArray(output, to + 2 * Lanes.COUNT);
        sum3.intoArray(output, to + 3 * Lanes.COUNT);
    }

    private static void addOne(float[] weights, int weight, Slots values, int from, float[] output, int to) {
        CacheFormat format = values.format();
        FloatVector sum = FloatVector.fromArray(Lanes.FLOATS, output, to);
        for (int slot = 0; slot < values.count(); slot++) {
            long at = values.at(slot) + (long) from * format.bytes();
            FloatVector value =
                    format == CacheFormat.FLOAT32 ? float32(values.page(), at) : bFloat16(values.page(), at);
            sum = FloatVector.broadcast(Lanes.FLOATS, weights[weight + slot]).fma(value, sum);
        }
        sum.intoArray(output, to);
    }

    /// Writes a key or a value into its slot.
    ///
    /// @param row array that contains the key or value
    /// @param from index of the first number
    /// @param dim length of the key or value
    /// @param page memory to write to
    /// @param offset the offset of the slot, in bytes
    /// @param format number format to write; BFLOAT16 and INT8 round to nearest, ties to even
    public static void store(float[] row, int from, int dim, MemorySegment page, long offset, CacheFormat format) {
        switch (format) {
            case FLOAT32 -> MemorySegment.copy(row, from, page, ValueLayout.JAVA_FLOAT_UNALIGNED, offset, dim);
            case BFLOAT16 -> {
                for (int i = 0; i < dim; i++) {
                    short bits = BFloat16.of(row[from + i]);
                    page.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset + (long) i * Short.BYTES, bits);
                }
            }
            case INT8 ->
                NativeKernels.find()
                        .orElseThrow(PageKernels::onlyInC)
                        .rows()
                        .storeInEightBits(row, from, dim, page.asSlice(offset, format.slotBytes(dim)));
        }
    }

    private static IllegalStateException onlyInC() {
        return new IllegalStateException("only the kernels in C read keys and values in eight bits");
    }

    private static FloatVector float32(MemorySegment page, long at) {
        return FloatVector.fromMemorySegment(Lanes.FLOATS, page, at, Lanes.ORDER);
    }

    private static FloatVector bFloat16(MemorySegment page, long at) {
        return ShortVector.fromMemorySegment(SHORTS, page, at, Lanes.ORDER)
                .convertShape(VectorOperators.ZERO_EXTEND_S2I, Lanes.INTS, 0)
                .reinterpretAsInts()
                .lanewise(VectorOperators.LSHL, Short.SIZE)
                .reinterpretAsFloats();
    }

    private static float number(Slots slots, int slot, int i) {
        long at = slots.at(slot) + (long) i * slots.format().bytes();
        return switch (slots.format()) {
            case FLOAT32 -> slots.page().get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
            case BFLOAT16 -> BFloat16.toFloat(slots.page().get(ValueLayout.JAVA_SHORT_UNALIGNED, at));
            case INT8 -> throw onlyInC();
        };
    }
}
