package dev.saiki.engine.kernel;

import dev.saiki.checkpoint.config.Activation;
import dev.saiki.engine.settings.CacheFormat;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.Objects;

/// The operations on rows in C.
final class NativeRowKernels implements RowKernels {

    /// The floats in a vector.
    private static final int LANES = 16;

    private final NativeFunction dot;
    private final NativeFunction normalise;
    private final NativeFunction activate;
    private final NativeFunction addWeighted;
    private final NativeFunction storeInEightBits;
    private final NativeFunction largest;
    private final NativeFunction exponentialSum;

    NativeRowKernels(SymbolLookup library) {
        dot = NativeFunction.of(library, "saiki_dot");
        normalise = NativeFunction.of(library, "saiki_normalise");
        activate = NativeFunction.of(library, "saiki_activate");
        addWeighted = NativeFunction.of(library, "saiki_add_weighted");
        storeInEightBits = NativeFunction.of(library, "saiki_store_in_eight_bits");
        largest = NativeFunction.of(library, "saiki_largest");
        exponentialSum = NativeFunction.of(library, "saiki_exponential_sum");
    }

    private static double call(
            NativeFunction kernel,
            MemorySegment a,
            MemorySegment b,
            MemorySegment to,
            long rows,
            long width,
            double x) {
        return kernel.call(a, b, to, MemorySegment.NULL, rows, width, 0, 0, 0, 0, x);
    }

    /// A stretch of an array.
    private static MemorySegment part(float[] array, int from, int count) {
        Objects.checkFromIndexSize(from, count, array.length);
        return MemorySegment.ofArray(array).asSlice((long) from * Float.BYTES);
    }

    private static MemorySegment rows(float[] array, int first, int count, int width) {
        return part(array, first * width, Math.multiplyExact(count, width));
    }

    @Override
    public float dot(float[] a, int aFrom, float[] b, int bFrom, int count) {
        return (float) call(dot, part(a, aFrom, count), part(b, bFrom, count), MemorySegment.NULL, 1, count, 0);
    }

    @Override
    public void normalise(float[] input, int first, int count, int width, float[] weight, double eps, float[] output) {
        MemorySegment from = rows(input, first, count, width);
        MemorySegment to = rows(output, first, count, width);
        double _ = call(normalise, from, part(weight, 0, width), to, count, width, eps);
    }

    @Override
    public void activate(Activation activation, float[] gateAndUp, float[] output, int first, int count, int inner) {
        MemorySegment from = rows(gateAndUp, first, count, 2 * inner);
        int code = activation == Activation.GELU ? 1 : 0;
        double _ = call(activate, from, MemorySegment.NULL, rows(output, first, count, inner), count, inner, code);
    }

    @Override
    public void addWeighted(float[] weights, float[] rows, int width, float[] sums, int to) {
        MemorySegment all = rows(rows, 0, weights.length, width);
        double _ =
                call(addWeighted, MemorySegment.ofArray(weights), all, part(sums, to, width), weights.length, width, 0);
    }

    /// Writes a key or a value in the format {@link CacheFormat#INT8}.
    ///
    /// @param row array that contains the key or value
    /// @param from index of the first number
    /// @param dim length of the key or value
    /// @param slot memory to write to
    void storeInEightBits(float[] row, int from, int dim, MemorySegment slot) {
        double _ = call(storeInEightBits, part(row, from, dim), MemorySegment.NULL, slot, 1, dim, 0);
    }

    @Override
    public float largest(float[] logits) {
        return (float) ofLogits(largest, logits, 0);
    }

    @Override
    public double exponentialSum(float[] logits, float highest) {
        int whole = logits.length - logits.length % LANES;
        return ofLogits(exponentialSum, logits, highest) + JavaRowKernels.exponentialsFrom(whole, logits, highest);
    }

    private static double ofLogits(NativeFunction kernel, float[] logits, double highest) {
        MemorySegment all = MemorySegment.ofArray(logits);
        return call(kernel, all, MemorySegment.NULL, MemorySegment.NULL, 1, logits.length, highest);
    }
}
