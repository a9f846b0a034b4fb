package dev.saiki.engine.model;

import dev.saiki.engine.cache.VisibleKeys;
import dev.saiki.engine.kernel.AttentionPart;
import dev.saiki.engine.kernel.PageAttention;
import dev.saiki.engine.kernel.PageRuns;
import dev.saiki.engine.kernel.WorkerPool;
import dev.saiki.engine.settings.CacheFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/// The attention of rows that belong to many sequences. Each row attends only to the keys and values of its own
/// sequence, page by page.
///
/// A task of the workers is a key-value head and a few neighbouring rows of one sequence and step, as many as
/// {@link PageAttention} computes together. The query heads that share a key-value head are computed together too, so
/// that keys and values are read only once. All keys and values of the batch are in their pages before attention
/// starts.
///
/// Long texts are attended to in pieces that begin at multiples of {@link PageAttention#SLOTS_AT_ONCE} keys, and the
/// pieces are added up in order. With few rows each piece is a task of its own, otherwise all threads would wait for
/// those that have a head more. The order of summation follows the positions, regardless of pages, tasks and batch, so
/// a row's result is the same alone and in a batch.
final class Attention {

    /// The number of tasks for a thread with which the threads end at about the same time.
    private static final int TASKS_FOR_A_THREAD = 4;

    private final int queryHeads;
    private final int keyValueHeads;
    private final int headDim;
    private final PageAttention attention;
    private final ThreadLocal<PageRuns> runs = ThreadLocal.withInitial(PageRuns::new);

    /// Neighbouring rows of a sequence that are computed together.
    ///
    /// @param first index of the first row in the batch
    /// @param keys what the last row sees
    /// @param seen for each row, its first key and the one behind its last
    /// @param skipped number of keys that no row sees, rounded down to a whole unit of the kernel
    @SuppressWarnings("ArrayRecordComponent") // Short-lived; never compared.
    private record Group(int first, VisibleKeys keys, int[] seen, int skipped) {

        int rows() {
            return seen.length / 2;
        }

        int firstPiece() {
            return skipped / PageAttention.SLOTS_AT_ONCE;
        }

        int pieces() {
            return (keys.count() - 1) / PageAttention.SLOTS_AT_ONCE + 1 - firstPiece();
        }
    }

    /// A layer's queries and its place in the stores.
    @SuppressWarnings("ArrayRecordComponent") // Short-lived; never compared.
    private record Layer(int index, float[] queries) {}

    Attention(int queryHeads, int keyValueHeads, int headDim, double factor, OptionalDouble cap) {
        this.queryHeads = queryHeads;
        this.keyValueHeads = keyValueHeads;
        this.headDim = headDim;
        this.attention = new PageAttention(queryHeads / keyValueHeads, headDim, factor, cap);
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
        List<Group> groups = groups(rows, window);
        Layer of = new Layer(layer, queries);
        int tasks = groups.size() * keyValueHeads;
        int most = groups.stream().mapToInt(Group::pieces).max().orElseThrow();
        boolean areSplit = most > 1 && tasks < TASKS_FOR_A_THREAD * workers.threads();
        AttentionPart[] parts = new AttentionPart[areSplit ? tasks * most : 0];
        workers.run(parts.length, part -> {
            Group group = groups.get(part / most / keyValueHeads);
            if (part % most < group.pieces()) {
                parts[part] = part(of, group, part / most % keyValueHeads, part % most);
            }
        });
        workers.run(tasks, task -> {
            Group group = groups.get(task / keyValueHeads);
            int head = task % keyValueHeads;
            AttentionPart whole = areSplit ? parts[task * most] : part(of, group, head, 0);
            for (int piece = 1; piece < group.pieces(); piece++) {
                whole.add(areSplit ? parts[task * most + piece] : part(of, group, head, piece));
            }
            int ofHead = queryHeads / keyValueHeads;
            for (int row = 0; row < group.rows(); row++) {
                whole.copyTo(row * ofHead, ofHead, attended, firstQuery(group.first() + row, head));
            }
        });
    }

    private int firstQuery(int row, int head) {
        return (row * queryHeads + head * (queryHeads / keyValueHeads)) * headDim;
    }

    /// Computes the attention of a group to a piece of its keys.
    private AttentionPart part(Layer layer, Group group, int head, int piece) {
        int begin = (group.firstPiece() + piece) * PageAttention.SLOTS_AT_ONCE;
        int from = Math.max(group.skipped(), begin);
        int to = Math.min(group.keys().count(), begin + PageAttention.SLOTS_AT_ONCE);
        int[] seen = group.seen();
        int first = 0;
        int end = group.rows();
        while (first < end && seen[2 * first + 1] <= from) {
            first++;
        }
        while (first < end && seen[2 * end - 2] >= to) {
            end--;
        }
        AttentionPart part = attention.part(group.rows());
        if (first == end) {
            return part;
        }
        int[] ofPiece = Arrays.copyOfRange(seen, 2 * first, 2 * end);
        Arrays.setAll(ofPiece, i -> Math.clamp(ofPiece[i], from, to) - from);
        collect(group.keys(), from, to, layer.index(), head);
        PageAttention.Queries queries = new PageAttention.Queries(
                layer.queries(), firstQuery(group.first() + first, head), queryHeads * headDim, ofPiece);
        attention.attend(runs.get(), queries, part, first);
        return part;
    }

    /// Divides rows into groups that are computed together.
    private List<Group> groups(List<Row> rows, int window) {
        CacheFormat format = rows.getFirst().visible().layout().format();
        int atOnce = attention.rowsAtOnce(format);
        List<Group> groups = new ArrayList<>();
        int first = 0;
        for (int row = 1; row <= rows.size(); row++) {
            if (row == rows.size()
                    || row - first == atOnce
                    || !rows.get(row).visible().beginsWith(rows.get(row - 1).visible())) {
                groups.add(group(rows.subList(first, row), first, window, attention.alignment(format)));
                first = row;
            }
        }
        return groups;
    }

    private static Group group(List<Row> rows, int first, int window, int unit) {
        int[] seen = new int[2 * rows.size()];
        for (int row = 0; row < rows.size(); row++) {
            VisibleKeys visible = rows.get(row).visible();
            seen[2 * row] = visible.before(window);
            seen[2 * row + 1] = visible.count();
        }
        return new Group(first, rows.getLast().visible(), seen, seen[0] - seen[0] % unit);
    }

    private void collect(VisibleKeys visible, int from, int to, int layer, int head) {
        PageRuns seen = runs.get();
        seen.clear();
        visible.forEachSegment(
                from,
                to,
                (store, first, end, _) -> store.forEachRun(
                        layer,
                        head,
                        first,
                        end,
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
