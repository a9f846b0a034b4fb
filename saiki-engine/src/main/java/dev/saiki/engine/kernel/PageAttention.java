package dev.saiki.engine.kernel;

import java.util.Arrays;
import java.util.Optional;

/// The attention of the queries of a row that share a key-value head: scores of all keys, softmax, and the weighted
/// sum of the values. The kernels in Java and in C give the same bits; C is used where {@link NativeKernels} are
/// found.
public final class PageAttention {

    private final int queries;
    private final int dim;
    private final float factor;
    private final int stride;
    private final Optional<NativeKernels> natives;
    private final ThreadLocal<float[]> scores;

    /// Makes the attention of a model's heads.
    ///
    /// @param queries number of queries that share a key-value head
    /// @param dim width of a head
    /// @param maxPositions the maximum number of keys
    public PageAttention(int queries, int dim, int maxPositions) {
        this(queries, dim, maxPositions, NativeKernels.find());
    }

    PageAttention(int queries, int dim, int maxPositions, Optional<NativeKernels> natives) {
        this.queries = queries;
        this.dim = dim;
        this.factor = (float) (1 / Math.sqrt(dim));
        this.stride = maxPositions;
        this.natives = natives;
        this.scores = ThreadLocal.withInitial(() -> new float[queries * maxPositions]);
    }

    /// Computes the attention of a row's queries.
    ///
    /// @param runs the keys and values, of at least one position
    /// @param rows array that contains the queries, `[queries, dim]`
    /// @param from index of the first query, and of its output
    /// @param attended array that receives the outputs, `[queries, dim]`
    public void attend(PageRuns runs, float[] rows, int from, float[] attended) {
        if (runs.slots() > stride || from + (long) queries * dim > Math.min(rows.length, attended.length)) {
            throw new IllegalArgumentException(runs.slots() + " keys must be at most " + stride + ", and "
                    + queries + " queries of " + dim + " numbers from " + from + " must fit into " + rows.length
                    + " and " + attended.length);
        }
        if (natives.isPresent()) {
            natives.get().attend(runs, factor, dim, queries, rows, from, attended, scores.get(), stride);
        } else {
            attendInJava(runs, rows, from, attended);
        }
    }

    private void attendInJava(PageRuns runs, float[] rows, int from, float[] attended) {
        float[] weights = scores.get();
        int first = 0;
        for (int run = 0; run < runs.count(); run++) {
            PageKernels.Slots keys = runs.keys(run, dim);
            PageKernels.scores(rows, from, queries, keys, weights, first, stride);
            first += keys.count();
        }
        for (int query = 0; query < queries; query++) {
            Softmax.inPlace(weights, query * stride, first, factor);
        }
        Arrays.fill(attended, from, from + queries * dim, 0);
        first = 0;
        for (int run = 0; run < runs.count(); run++) {
            PageKernels.Slots values = runs.values(run, dim);
            PageKernels.addWeighted(weights, first, stride, queries, values, attended, from);
            first += values.count();
        }
    }
}
