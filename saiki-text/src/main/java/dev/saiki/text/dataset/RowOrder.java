package dev.saiki.text.dataset;

import dev.saiki.io.InputException;
import dev.saiki.text.hash.SplitMix64;

/// An endless order of rows, shuffled anew each epoch, which can be resumed at any position.
///
/// Each epoch has every row once, in an order that depends only on the seed and the epoch. Not thread-safe.
public final class RowOrder {

    private final long rows;
    private final long seed;
    private LoaderPosition position;
    private RowPermutation order;

    /// Starts at a position.
    ///
    /// @param where the data, for messages
    /// @param rows the number of rows, at least 1
    /// @param seed the seed of the order
    /// @param from the position of the first row to return
    /// @throws InputException if the position is outside the rows
    public RowOrder(String where, long rows, long seed, LoaderPosition from) {
        if (from.row() >= rows) {
            throw InputException.of(
                    where, "the saved row", "below " + rows + ", the number of rows of this data", from.row());
        }
        this.rows = rows;
        this.seed = seed;
        this.position = from;
        this.order = orderOf(from.epoch());
    }

    /// Returns the next row, possibly the first of another epoch.
    ///
    /// @return the number of the row
    public long next() {
        long row = order.at(position.row());
        if (position.row() + 1 < rows) {
            position = new LoaderPosition(position.epoch(), position.row() + 1);
        } else {
            position = new LoaderPosition(position.epoch() + 1, 0);
            order = orderOf(position.epoch());
        }
        return row;
    }

    /// The position of the next row.
    ///
    /// @return the position to pass to the constructor to resume here
    public LoaderPosition position() {
        return position;
    }

    private RowPermutation orderOf(long epoch) {
        return new RowPermutation(rows, SplitMix64.mix(seed, epoch));
    }
}
