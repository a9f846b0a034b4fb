package dev.saiki.engine.model;

import java.util.ArrayList;
import java.util.List;

/// The tokens that go through layers together; they may come from any sequences and be at any steps.
///
/// @param rows the tokens; those that store keys and values come first, and the tokens of a chunk are in
///     order
/// @param storing number of rows that store keys and values
/// @param states at least `[n, hidden]`; input and output
/// @param adapted rows that have an adapter
@SuppressWarnings("ArrayRecordComponent") // Short-lived; never compared.
record RowBatch(List<Row> rows, int storing, float[] states, AdaptedRows adapted) {

    RowBatch {
        rows = List.copyOf(rows);
    }

    RowBatch(List<Row> rows, int storing, float[] states) {
        this(rows, storing, states, AdaptedRows.of(rows));
    }

    /// The same rows and visible keys, for a layer whose keys and values are already stored.
    RowBatch withoutStoring() {
        return new RowBatch(rows, 0, states, adapted);
    }

    int count() {
        return rows.size();
    }

    /// Adjacent rows at one recursion step.
    ///
    /// @param step the step, from 0
    /// @param first index of the first row
    /// @param count number of rows
    record AtStep(int step, int first, int count) {}

    /// Finds the rows of each recursion step. Rows at the same step must be adjacent.
    List<AtStep> bySteps() {
        List<AtStep> ranges = new ArrayList<>();
        int first = 0;
        for (int row = 1; row <= rows.size(); row++) {
            int step = rows.get(first).step();
            if (row == rows.size() || rows.get(row).step() != step) {
                ranges.add(new AtStep(step, first, row - first));
                first = row;
            }
        }
        return ranges;
    }
}
