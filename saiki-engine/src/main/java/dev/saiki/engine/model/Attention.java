package dev.saiki.engine.model;

import dev.saiki.engine.cache.VisibleKeys;
import dev.saiki.engine.kernel.PageAttention;
import dev.saiki.engine.kernel.PageRuns;
import dev.saiki.engine.kernel.WorkerPool;
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
    private final PageAttention attention;
    private final ThreadLocal<PageRuns> runs = ThreadLocal.withInitial(PageRuns::new);

    Attention(int queryHeads, int keyValueHeads, int headDim, int maxPositions) {
        this.queryHeads = queryHeads;
        this.keyValueHeads = keyValueHeads;
        this.headDim = headDim;
        this.attention = new PageAttention(queryHeads / keyValueHeads, headDim, maxPositions);
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
        workers.run(rows.size() * keyValueHeads, part -> {
            int row = part / keyValueHeads;
            int head = part % keyValueHeads;
            attend(rows.get(row).visible().within(window), layer, row, head, queries, attended);
        });
    }

    private void attend(VisibleKeys visible, int layer, int row, int head, float[] queries, float[] attended) {
        PageRuns seen = runs.get();
        seen.clear();
        visible.forEachSegment((store, first, to, _) -> store.forEachRun(
                layer,
                head,
                first,
                to,
                (page, keys, _, count) ->
                        seen.add(store.layout().format(), page, keys, keys + store.valuesAfter(), count)));
        int group = queryHeads / keyValueHeads;
        attention.attend(seen, queries, (row * queryHeads + head * group) * headDim, attended);
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
