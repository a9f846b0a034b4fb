package dev.saiki.engine.model;

import dev.saiki.checkpoint.StoredTensor;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// The state with which each token enters, read from the checkpoint one row at a time.
///
/// @param table `[V, hidden]`, in the checkpoint's own format
/// @param hidden width of a row
record EmbeddingTable(StoredTensor table, int hidden) {

    static EmbeddingTable of(StoredTensor table) {
        return new EmbeddingTable(table, table.shape().getLast().intValue());
    }

    /// Copies the row of a token.
    ///
    /// @param id the token
    /// @param states receives it
    /// @param from where it goes
    void copyTo(int id, float[] states, int from) {
        long rowBytes = (long) hidden * table.type().bytes();
        StoredTensor row = new StoredTensor(
                table.name(), table.type(), List.of((long) hidden), table.data().asSlice(id * rowBytes, rowBytes));
        row.widenTo(MemorySegment.ofArray(states).asSlice((long) from * Float.BYTES));
    }
}
