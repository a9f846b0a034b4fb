package dev.saiki.text.dataset;

import dev.saiki.io.InputException;
import dev.saiki.text.hash.SplitMix64;
import java.util.ArrayList;
import java.util.List;

/// An endless source of conversations, shuffled anew each epoch: the counterpart of {@link BatchLoader} for
/// conversations.
///
/// Each epoch has every row once, in an order that depends only on the seed and the epoch. Not thread-safe.
public final class AnswerLoader {

    private final List<AnswerRow> rows;
    private final long seed;
    private LoaderPosition position;
    private RowPermutation order;

    /// Starts at a position.
    ///
    /// @param rows at least one
    /// @param seed the seed of the order
    /// @param from the position of the first row to return
    /// @throws InputException if there are no rows, or the position is outside them
    public AnswerLoader(List<AnswerRow> rows, long seed, LoaderPosition from) {
        if (from.row() >= rows.size()) {
            throw InputException.of("conversations", "the saved row", "below " + rows.size(), from.row());
        }
        this.rows = rows;
        this.seed = seed;
        this.position = from;
        this.order = orderOf(from.epoch());
    }

    /// Returns the next rows, possibly across the end of an epoch.
    ///
    /// @param count the number of rows
    /// @return the rows, which may differ in length
    public List<AnswerRow> next(int count) {
        List<AnswerRow> next = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            next.add(rows.get((int) order.at(position.row())));
            advance();
        }
        return next;
    }

    /// The position of the next row.
    ///
    /// @return the position to pass to the constructor to resume here
    public LoaderPosition position() {
        return position;
    }

    private void advance() {
        if (position.row() + 1 < rows.size()) {
            position = new LoaderPosition(position.epoch(), position.row() + 1);
        } else {
            position = new LoaderPosition(position.epoch() + 1, 0);
            order = orderOf(position.epoch());
        }
    }

    private RowPermutation orderOf(long epoch) {
        return new RowPermutation(rows.size(), SplitMix64.mix(seed, epoch));
    }
}
