package dev.saiki.text.dataset;

import dev.saiki.io.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// An endless source of a split's rows, shuffled anew each epoch.
///
/// Documents are packed: they are concatenated with the end-of-text id between them and cut into rows of T inputs
/// regardless of document boundaries, so that no position is wasted on padding. Each epoch has every row once, in
/// an order that depends only on the seed and the epoch. A loader created at a saved position returns exactly the
/// rows that the original loader would have returned next. Not thread-safe.
public final class BatchLoader {

    private final TokenShards shards;
    private final int sequenceLength;
    private final RowOrder order;

    /// Starts at a position.
    ///
    /// @param shards the split
    /// @param sequenceLength the number of input tokens in a row, T
    /// @param seed the seed of the order
    /// @param from the position of the first row to return
    /// @throws InputException if the split has fewer than T + 1 ids or the position is outside the split
    public BatchLoader(TokenShards shards, int sequenceLength, long seed, LoaderPosition from) {
        this.shards = shards;
        this.sequenceLength = sequenceLength;
        if (rowsPerEpoch() == 0) {
            throw new InputException(shards.name() + ": the split must have more than " + sequenceLength
                    + " tokens to fill one row, got " + shards.tokens()
                    + "; use more text or a shorter sequence length");
        }
        order = new RowOrder(shards.name(), rowsPerEpoch(), seed, from);
    }

    /// The number of rows in one epoch.
    ///
    /// @return the number, at least 1
    public long rowsPerEpoch() {
        return shards.rows(sequenceLength);
    }

    /// Returns the next rows, possibly across the end of an epoch.
    ///
    /// @param sequences the number of rows, B
    /// @return `[B][T + 1]` ids: inputs are `[0, T)`, targets `[1, T + 1)`
    public int[][] next(int sequences) {
        int[][] batch = new int[sequences][];
        Arrays.setAll(batch, _ -> shards.row(sequenceLength, order.next()));
        return batch;
    }

    /// Returns the next rows with the marks of their answers.
    ///
    /// @param sequences the number of rows, B
    /// @return B rows of T + 1 ids, whose targets are the tokens of marked answers
    public List<AnswerRow> nextMarked(int sequences) {
        List<AnswerRow> rows = new ArrayList<>();
        for (int i = 0; i < sequences; i++) {
            long row = order.next();
            rows.add(new AnswerRow(shards.row(sequenceLength, row), shards.marks(sequenceLength, row)));
        }
        return rows;
    }

    /// The position of the next row.
    ///
    /// @return the position to pass to the constructor to resume here
    public LoaderPosition position() {
        return order.position();
    }
}
