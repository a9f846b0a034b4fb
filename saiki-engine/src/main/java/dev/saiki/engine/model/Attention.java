package dev.saiki.engine.model;

import dev.saiki.engine.cache.VisibleKeys;
import dev.saiki.engine.kernel.PageAttention;
import dev.saiki.engine.kernel.PageRuns;
import dev.saiki.engine.kernel.WorkerPool;
import dev.saiki.engine.settings.CacheFormat;
import java.util.Arrays;
import java.util.List;

/// The attention of rows that belong to many sequences. Each row attends only to the keys and values of its own
/// sequence, page by page.
///
/// A task of the workers is a key-value head and a few neighbouring rows of one sequence and step, as many as
/// {@link PageAttention} computes together. The query heads that share a key-value head are computed together too, so
/// that keys and values are read only once. All keys and values of the batch are in their pages before attention
/// starts. The order of summation follows the positions, regardless of pages and batch, so a row's result is the same
/// alone and in a batch.
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
        CacheFormat format = rows.getFirst().visible().layout().format();
        int[] firsts = firstsOfGroups(rows, attention.rowsAtOnce(format));
        int unit = attention.alignment(format);
        workers.run((firsts.length - 1) * keyValueHeads, part -> {
            int group = part / keyValueHeads;
            int head = part % keyValueHeads;
            int first = firsts[group];
            List<Row> some = rows.subList(first, firsts[group + 1]);
            int skipped = skipped(some, window, unit);
            collect(some.getLast().visible(), skipped, layer, head);
            int queriesOfHead = queryHeads / keyValueHeads;
            int from = (first * queryHeads + head * queriesOfHead) * headDim;
            int[] seen = seen(some, window, skipped);
            attention.attend(
                    runs.get(), new PageAttention.Queries(queries, from, queryHeads * headDim, seen), attended);
        });
    }

    /// Divides rows into groups that are computed together: the index of each group's first row, and the number of
    /// rows.
    private static int[] firstsOfGroups(List<Row> rows, int atOnce) {
        int[] firsts = new int[rows.size() + 1];
        int groups = 0;
        for (int row = 1; row <= rows.size(); row++) {
            if (row == rows.size()
                    || row - firsts[groups] == atOnce
                    || !rows.get(row).visible().beginsWith(rows.get(row - 1).visible())) {
                groups++;
                firsts[groups] = row;
            }
        }
        return Arrays.copyOf(firsts, groups + 1);
    }

    /// The number of keys that no row of a group sees, a multiple of a unit.
    private static int skipped(List<Row> rows, int window, int unit) {
        int skipped = Integer.MAX_VALUE;
        for (Row row : rows) {
            skipped = Math.min(skipped, row.visible().before(window));
        }
        return skipped - skipped % unit;
    }

    /// For each row, its first key among those that are not skipped, and the one behind its last.
    private static int[] seen(List<Row> rows, int window, int skipped) {
        int[] seen = new int[2 * rows.size()];
        for (int row = 0; row < rows.size(); row++) {
            VisibleKeys visible = rows.get(row).visible();
            seen[2 * row] = visible.before(window) - skipped;
            seen[2 * row + 1] = visible.count() - skipped;
        }
        return seen;
    }

    private void collect(VisibleKeys visible, int skipped, int layer, int head) {
        PageRuns seen = runs.get();
        seen.clear();
        visible.forEachSegment(
                skipped,
                (store, first, to, _) -> store.forEachRun(
                        layer,
                        head,
                        first,
                        to,
                        (page, keys, _, count) ->
                                seen.add(store.layout().format(), page, keys, keys + store.valuesAfter(), count)));
    }

    /// Counts the keys that rows attend to.
    static long keysSeen(List<Row> rows, int window) {
        long keys = 0;
        for (Row row : rows) {
            keys += row.visible().count() - row.visible().before(window);
        }
        return keys;
    }
}
