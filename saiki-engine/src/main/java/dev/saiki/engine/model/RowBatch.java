package dev.saiki.engine.model;

import java.util.ArrayList;
import java.util.List;

/// The tokens that go through layers together, whatever their sequences and steps.
///
/// @param rows the tokens, those that store keys and values of their own first; a chunk's in order
/// @param storing how many of them do
/// @param states `[n, hidden]` at least; what goes in and what comes out
/// @param adapted those that have an adapter
@SuppressWarnings("ArrayRecordComponent") // A short-lived carrier that nothing compares.
record RowBatch(List<Row> rows, int storing, float[] states, AdaptedRows adapted) {

    RowBatch {
        rows = List.copyOf(rows);
    }

    RowBatch(List<Row> rows, int storing, float[] states) {
        this(rows, storing, states, AdaptedRows.of(rows));
    }

    /// The same rows, seeing the same, with keys and values that are there already.
    RowBatch withoutStoring() {
        return new RowBatch(rows, 0, states, adapted);
    }

    int count() {
        return rows.size();
    }

    /// Neighbouring rows at one recursion step.
    ///
    /// @param step from 0
    /// @param first index of the first
    /// @param count how many
    record AtStep(int step, int first, int count) {}

    /// Finds the rows of each recursion step, where those of one step are neighbours.
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
