package dev.saiki.engine.model;

import dev.saiki.engine.kernel.LowRankMatrix;
import dev.saiki.engine.kernel.WorkerPool;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/// The rows of a batch that use an adapter, grouped by adapter.
///
/// All rows share the matrix product of the base. Afterwards the low-rank products of each group's adapter are
/// added to the group's rows. Each row is computed separately, so its result is bit-identical in every batch; rows
/// without an adapter are not changed.
///
/// @param groups one group per adapter; empty if no row has an adapter
record AdaptedRows(List<Group> groups) {

    /// The minimum number of multiplications per thread. Fewer multiplications take less time than handing them
    /// to a thread.
    private static final long MIN_WORK = 1 << 15;

    private static final AdaptedRows NONE = new AdaptedRows(List.of());

    /// The rows of one adapter.
    ///
    /// @param adapter the adapter whose updates are added
    /// @param rows indexes of the rows in the batch, ascending
    record Group(AdapterWeights adapter, List<Integer> rows) {}

    /// A row and a low-rank update that is added to its products.
    private record Work(LowRankMatrix update, int row) {}

    AdaptedRows {
        groups = List.copyOf(groups);
    }

    /// Groups the rows by adapter. A batch without adapters, which is the usual case, has no group and no
    /// additional cost.
    static AdaptedRows of(List<Row> rows) {
        if (rows.stream().allMatch(row -> row.chunk().adapter() == null)) {
            return NONE;
        }
        IdentityHashMap<AdapterWeights, List<Integer>> byAdapter = new IdentityHashMap<>();
        List<Group> groups = new ArrayList<>();
        for (int row = 0; row < rows.size(); row++) {
            AdapterWeights adapter = rows.get(row).chunk().adapter();
            if (adapter != null) {
                byAdapter
                        .computeIfAbsent(adapter, added -> {
                            List<Integer> own = new ArrayList<>();
                            groups.add(new Group(added, own));
                            return own;
                        })
                        .add(row);
            }
        }
        return new AdaptedRows(groups);
    }

    /// Adds the updates of a linear map to the map's products.
    ///
    /// @param layer unique layer of the map
    /// @param place linear map of the layer
    /// @param input `[n, in]`
    /// @param count number of rows that have products
    /// @param products `[n, width]`
    /// @param width length of a row of products
    /// @param workers threads that share the work
    /// @param flops counter of the arithmetic
    void addTo(
            int layer,
            AdapterWeights.Place place,
            float[] input,
            int count,
            float[] products,
            int width,
            WorkerPool workers,
            FlopCounter flops) {
        if (groups.isEmpty()) {
            return;
        }
        List<Work> all = new ArrayList<>();
        long multiplications = 0;
        for (Group group : groups) {
            for (LowRankMatrix update : group.adapter().of(layer, place)) {
                int before = all.size();
                for (int row : group.rows()) {
                    if (row < count) {
                        all.add(new Work(update, row));
                    }
                }
                int rows = all.size() - before;
                multiplications += (long) rows * update.rank() * (update.inputs() + update.outputs());
                flops.linear(rows, update.inputs(), update.rank());
                flops.linear(rows, update.rank(), update.outputs());
            }
        }
        int parts = (int) Math.min(all.size(), Math.max(1, multiplications / MIN_WORK));
        // The updates of one row change different outputs, so several threads can add them at the same time.
        workers.run(parts, part -> {
            for (int i = all.size() * part / parts; i < all.size() * (part + 1) / parts; i++) {
                all.get(i).update().addTo(input, all.get(i).row(), products, width);
            }
        });
    }
}
