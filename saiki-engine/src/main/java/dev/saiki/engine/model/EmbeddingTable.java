package dev.saiki.engine.model;

import dev.saiki.checkpoint.safetensors.StoredTensor;

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
        table.copyTo((long) id * hidden, states, from, hidden);
    }

    /// Lets go of the file's pages: row by row the whole table would come to lie in memory. A call into the
    /// system, so once for all rows that are copied together.
    void dropPages() {
        table.letGo();
    }
}
