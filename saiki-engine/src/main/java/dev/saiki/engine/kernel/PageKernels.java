package dev.saiki.engine.kernel;

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

    /// Multiplies queries by consecutive keys of a page: `scores[q · scoresStride + j] = query q · key j`.
    ///
    /// @param query array that contains the queries
    /// @param queryFrom index of the first query
    /// @param queries number of queries that share the key head
    /// @param queryStride distance from one query to the next, in numbers
    /// @param page memory that holds the keys
    /// @param offset the offset of the first key, in bytes
    /// @param format the keys' number format
    /// @param slots number of keys
    /// @param dim length of a key
    /// @param scores receives the products
    /// @param scoresFrom index of the first query's first score
    /// @param scoresStride distance from the scores of one query to those of the next, in numbers
    public static void scores(
            float[] query,
            int queryFrom,
            int queries,
            int queryStride,
            MemorySegment page,
            long offset,
            CacheFormat format,
            int slots,
            int dim,
            float[] scores,
            int scoresFrom,
            int scoresStride) {
        int whole = Lanes.FLOATS.loopBound(dim);
        long keyBytes = (long) dim * format.bytes();
        float[] lanes = new float[SLOTS * Lanes.COUNT];
        for (int slot = 0; slot < slots; slot += SLOTS) {
            int count = Math.min(SLOTS, slots - slot);
            long key = offset + slot * keyBytes;
            for (int q = 0; q < queries; q++) {
                int from = queryFrom + q * queryStride;
                multiplyFour(query, from, page, key, keyBytes, count - 1, format, whole, lanes);
                Lanes.sumFour(lanes, 0, lanes, 0);
                System.arraycopy(lanes, 0, scores, scoresFrom + q * scoresStride + slot, count);
            }
        }
        if (whole < dim) {
            for (int q = 0; q < queries; q++) {
                addScoresOfRest(
                        query,
                        queryFrom + q * queryStride,
                        page,
                        offset,
                        format,
                        slots,
                        dim,
                        scores,
                        scoresFrom + q * scoresStride);
            }
        }
    }

    /// Multiplies one query by four keys; if fewer keys remain, the last one is repeated.
    private static void multiplyFour(
            float[] query,
            int from,
            MemorySegment page,
            long key,
            long keyBytes,
            int last,
            CacheFormat format,
            int whole,
            float[] lanes) {
        long key1 = key + Math.min(1, last) * keyBytes;
        long key2 = key + Math.min(2, last) * keyBytes;
        long key3 = key + last * keyBytes;
        switch (format) {
            case FLOAT32 -> multiplyFloat32(query, from, page, key, key1, key2, key3, whole, lanes);
            case BFLOAT16 -> multiplyBFloat16(query, from, page, key, key1, key2, key3, whole, lanes);
        }
    }

    private static void multiplyFloat32(
            float[] query,
            int from,
            MemorySegment page,
            long key0,
            long key1,
            long key2,
            long key3,
            int count,
            float[] lanes) {
        FloatVector sum0 = FloatVector.zero(Lanes.FLOATS);
        FloatVector sum1 = sum0;
        FloatVector sum2 = sum0;
        FloatVector sum3 = sum0;
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

    private static void multiplyBFloat16(
            float[] query,
            int from,
            MemorySegment page,
            long key0,
            long key1,
            long key2,
            long key3,
            int count,
            float[] lanes) {
        FloatVector sum0 = FloatVector.zero(Lanes.FLOATS);
        FloatVector sum1 = sum0;
        FloatVector sum2 = sum0;
        FloatVector sum3 = sum0;
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

    private static void addScoresOfRest(
            float[] query,
            int from,
            MemorySegment page,
            long offset,
            CacheFormat format,
            int slots,
            int dim,
            float[] scores,
            int to) {
        for (int slot = 0; slot < slots; slot++) {
            float sum = scores[to + slot];
            for (int i = Lanes.FLOATS.loopBound(dim); i < dim; i++) {
                sum = Math.fma(query[from + i], number(page, offset, (long) slot * dim + i, format), sum);
            }
            scores[to + slot] = sum;
        }
    }

    /// Adds the weighted values of a page to the outputs:
    /// `output q += Σ_j weights[q · weightsStride + j] · value j`.
    ///
    /// @param weights array that contains the weights
    /// @param weightsFrom index of the first query's first weight
    /// @param weightsStride distance from the weights of one query to those of the next, in numbers
    /// @param queries number of queries that share the value head
    /// @param page memory that holds the values
    /// @param offset the offset of the first value, in bytes
    /// @param format the values' number format
    /// @param slots number of values
    /// @param dim length of a value
    /// @param output array of outputs, to which the weighted values are added
    /// @param outputFrom index of the first query's output
    /// @param outputStride distance from the output of one query to that of the next, in numbers
    public static void addWeighted(
            float[] weights,
            int weightsFrom,
            int weightsStride,
            int queries,
            MemorySegment page,
            long offset,
            CacheFormat format,
            int slots,
            int dim,
            float[] output,
            int outputFrom,
            int outputStride) {
        int whole = Lanes.FLOATS.loopBound(dim);
        for (int q = 0; q < queries; q++) {
            int weight = weightsFrom + q * weightsStride;
            int to = outputFrom + q * outputStride;
            int i = 0;
            for (; i + WIDE <= whole; i += WIDE) {
                addWide(weights, weight, page, offset, i, format, slots, dim, output, to + i);
            }
            for (; i < whole; i += Lanes.COUNT) {
                addOne(weights, weight, page, offset, i, format, slots, dim, output, to + i);
            }
            for (; i < dim; i++) {
                addNumber(weights, weight, page, offset, i, format, slots, dim, output, to + i);
            }
        }
    }

    /// Adds the weighted sum of four vectors from each value, with the sums kept in registers.
    private static void addWide(
            float[] weights,
            int weight,
            MemorySegment page,
            long offset,
            int from,
            CacheFormat format,
            int slots,
            int dim,
            float[] output,
            int to) {
        long at = offset + (long) from * format.bytes();
        switch (format) {
            case FLOAT32 -> addWideFloat32(weights, weight, page, at, slots, dim, output, to);
            case BFLOAT16 -> addWideBFloat16(weights, weight, page, at, slots, dim, output, to);
        }
    }

    private static void addWideFloat32(
            float[] weights, int weight, MemorySegment page, long offset, int slots, int dim, float[] output, int to) {
        FloatVector sum0 = FloatVector.fromArray(Lanes.FLOATS, output, to);
        FloatVector sum1 = FloatVector.fromArray(Lanes.FLOATS, output, to + Lanes.COUNT);
        FloatVector sum2 = FloatVector.fromArray(Lanes.FLOATS, output, to + 2 * Lanes.COUNT);
        FloatVector sum3 = FloatVector.fromArray(Lanes.FLOATS, output, to + 3 * Lanes.COUNT);
        long vector = (long) Lanes.COUNT * Float.BYTES;
        long at = offset;
        for (int slot = 0; slot < slots; slot++) {
            FloatVector w = FloatVector.broadcast(Lanes.FLOATS, weights[weight + slot]);
            sum0 = w.fma(float32(page, at), sum0);
            sum1 = w.fma(float32(page, at + vector), sum1);
            sum2 = w.fma(float32(page, at + 2 * vector), sum2);
            sum3 = w.fma(float32(page, at + 3 * vector), sum3);
            at += (long) dim * Float.BYTES;
        }
        sum0.intoArray(output, to);
        sum1.intoArray(output, to + Lanes.COUNT);
        sum2.intoArray(output, to + 2 * Lanes.COUNT);
        sum3.intoArray(output, to + 3 * Lanes.COUNT);
    }

    private static void addWideBFloat16(
            float[] weights, int weight, MemorySegment page, long offset, int slots, int dim, float[] output, int to) {
        FloatVector sum0 = FloatVector.fromArray(Lanes.FLOATS, output, to);
        FloatVector sum1 = FloatVector.fromArray(Lanes.FLOATS, output, to + Lanes.COUNT);
        FloatVector sum2 = FloatVector.fromArray(Lanes.FLOATS, output, to + 2 * Lanes.COUNT);
        FloatVector sum3 = FloatVector.fromArray(Lanes.FLOATS, output, to + 3 * Lanes.COUNT);
        long vector = (long) Lanes.COUNT * Short.BYTES;
        long at = offset;
        for (int slot = 0; slot < slots; slot++) {
            FloatVector w = FloatVector.broadcast(Lanes.FLOATS, weights[weight + slot]);
            sum0 = w.fma(bFloat16(page, at), sum0);
            sum1 = w.fma(bFloat16(page, at + vector), sum1);
            sum2 = w.fma(bFloat16(page, at + 2 * vector), sum2);
            sum3 = w.fma(bFloat16(page, at + 3 * vector), sum3);
            at += (long) dim * Short.BYTES;
        }
        sum0.intoArray(output, to);
        sum1.intoArray(output, to + Lanes.COUNT);
        sum2.intoArray(output, to + 2 * Lanes.COUNT);
        sum3.intoArray(output, to + 3 * Lanes.COUNT);
    }

    private static void addOne(
            float[] weights,
            int weight,
            MemorySegment page,
            long offset,
            int from,
            CacheFormat format,
            int slots,
            int dim,
            float[] output,
            int to) {
        FloatVector sum = FloatVector.fromArray(Lanes.FLOATS, output, to);
        for (int slot = 0; slot < slots; slot++) {
            long at = offset + ((long) slot * dim + from) * format.bytes();
            FloatVector value = format == CacheFormat.FLOAT32 ? float32(page, at) : bFloat16(page, at);
            sum = FloatVector.broadcast(Lanes.FLOATS, weights[weight + slot]).fma(value, sum);
        }
        sum.intoArray(output, to);
    }

    private static void addNumber(
            float[] weights,
            int weight,
            MemorySegment page,
            long offset,
            int from,
            CacheFormat format,
            int slots,
            int dim,
            float[] output,
            int to) {
        float sum = output[to];
        for (int slot = 0; slot < slots; slot++) {
            sum = Math.fma(weights[weight + slot], number(page, offset, (long) slot * dim + from, format), sum);
        }
        output[to] = sum;
    }

    /// Writes a key or a value into its slot.
    ///
    /// @param row array that contains the key or value
    /// @param from index of the first number
    /// @param dim length of the key or value
    /// @param page memory to write to
    /// @param offset the offset of the slot, in bytes
    /// @param format number format to write; BFLOAT16 rounds to nearest, ties to even
    public static void store(float[] row, int from, int dim, MemorySegment page, long offset, CacheFormat format) {
        switch (format) {
            case FLOAT32 -> MemorySegment.copy(row, from, page, ValueLayout.JAVA_FLOAT_UNALIGNED, offset, dim);
            case BFLOAT16 -> {
                for (int i = 0; i < dim; i++) {
                    short bits = BFloat16.of(row[from + i]);
                    page.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset + (long) i * Short.BYTES, bits);
                }
            }
        }
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

    private static float number(MemorySegment page, long offset, long index, CacheFormat format) {
        long at = offset + index * format.bytes();
        return switch (format) {
            case FLOAT32 -> page.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
            case BFLOAT16 -> BFloat16.toFloat(page.get(ValueLayout.JAVA_SHORT_UNALIGNED, at));
        };
    }
}
