package dev.saiki.engine.model;

import dev.saiki.engine.cache.KeyValueStore;
import dev.saiki.engine.cache.VisibleKeys;
import dev.saiki.engine.kernel.PageKernels;
import dev.saiki.engine.kernel.Softmax;
import dev.saiki.engine.kernel.WorkerPool;
import java.util.Arrays;
import java.util.List;

/// The attention of rows that belong to many sequences. Each row attends only to the keys and values of its own
/// sequence, page by page.
///
/// Each pair of a row and a key-value head is a separate task of the workers. The query heads that share a
/// key-value head are computed together, so that keys and values are read only once. All keys and values of the
/// batch are in their pages before attention starts. The order of summation follows the positions, regardless of
/// pages and batch, so a row's result is the same alone and in a batch.
final class Attention {

    private final int queryHeads;
    private final int keyValueHeads;
    private final int headDim;
    private final float scale;
    private final ThreadLocal<float[]> scratch;
    private final int stride;

    Attention(int queryHeads, int keyValueHeads, int headDim, int maxPositions) {
        this.queryHeads = queryHeads;
        this.keyValueHeads = keyValueHeads;
        this.headDim = headDim;
        this.scale = (float) (1 / Math.sqrt(headDim));
        this.stride = maxPositions;
        int group = queryHeads / keyValueHeads;
        this.scratch = ThreadLocal.withInitial(() -> new float[group * maxPositions]);
    }

    /// Computes the attention of all rows.
    ///
    /// @param rows rows of the queries
    /// @param window number of positions that a token attends to, including its own
    /// @param layer index of the layer in the stores
    /// @param queries `[n, query heads · head width]`, rotated
    /// @param attended `[n, query heads · head width]`, overwritten
    /// @param workers threads that share the work
    void attend(List<Row> rows, int window, int layer, float[] queries, float[] attended, WorkerPool workers) {
        Arrays.fill(attended, 0, rows.size() * queryHeads * headDim, 0);
        workers.run(rows.size() * keyValueHeads, part -> {
            int row = part / keyValueHeads;
            int head = part % keyValueHeads;
            attend(rows.get(row).visible().within(window), layer, row, head, queries, attended);
        });
    }

    private void attend(VisibleKeys visible, int layer, int row, int head, float[] queries, float[] attended) {
        float[] scores = scratch.get();
        int group = queryHeads / keyValueHeads;
        int from = (row * queryHeads + head * group) * headDim;
        visible.forEachSegment((store, first, to, index) -> store.forEachRun(
                layer,
                head,
                first,
                to,
                (page, keys, slot, count) -> PageKernels.scores(
                        queries,
                        from,
                        group,
                        headDim,
                        page,
                        keys,
                        store.layout().format(),
                        count,
                        headDim,
                        scores,
                        index + slot - first,
                        stride)));
        for (int query = 0; query < group; query++) {
            Softmax.inPlace(scores, query * stride, visible.count(), scale);
        }
        visible.forEachSegment(
                (store, first, to, index) -> addValues(store, layer, head, first, to, index, scores, attended, from));
    }

    private void addValues(
            KeyValueStore store,
            int layer,
            int head,
            int first,
            int to,
            int index,
            float[] weights,
            float[] attended,
            int from) {
        int group = queryHeads / keyValueHeads;
        store.forEachRun(
                layer,
                head,
                first,
                to,
                (page, keys, slot, count) -> PageKernels.addWeighted(
                        weights,
                        index + slot - first,
                        stride,
                        group,
                        page,
                        keys + store.valuesAfter(),
                        store.layout().format(),
                        count,
                        headDim,
                        attended,
                        from,
                        headDim));
    }

    /// Counts the keys that rows attend to.
    static long keysSeen(List<Row> rows, int window) {
        long keys = 0;
        for (Row row : rows) {
            keys += row.visible().within(window).count();
        }
        return keys;
    }
}
