package dev.saiki.engine.model;

import java.util.List;

/// The tokens that go through layers together, whatever their sequences and steps.
///
/// @param rows the tokens, those that store keys and values of their own first; a chunk's in order
/// @param storing how many of them do
/// @param states `[n, hidden]` at least; what goes in and what comes out
@SuppressWarnings("ArrayRecordComponent") // A short-lived carrier that nothing compares.
record RowBatch(List<Row> rows, int storing, float[] states) {

    RowBatch {
        rows = List.copyOf(rows);
    }

    int count() {
        return rows.size();
    }
}
