package dev.saiki.text.dataset;

import dev.saiki.io.InputException;
import dev.saiki.text.hash.SplitMix64;
import java.util.ArrayList;
import java.util.List;

/// An endless source of conversations, shuffled anew each epoch, like {@link BatchLoader} for text.
///
/// In each epoch every row comes once, in an order that depends on the seed and the epoch only. Not safe for use
/// from several threads.
public final class AnswerLoader {

    private final List<AnswerRow> rows;
    private final long seed;
    private LoaderPosition position;
    private RowPermutation order;

    /// Starts at a position.
    ///
    /// @param rows at least one
    /// @param seed chooses the order
    /// @param from the position of the first row to be given
    /// @throws InputException if there is no row, or the position is not in them
    public AnswerLoader(List<AnswerRow> rows, long seed, LoaderPosition from) {
        if (from.row() >= rows.size()) {
            throw InputException.of("conversations", "the saved row", "below " + rows.size(), from.row());
        }
        this.rows = rows;
        this.seed = seed;
        this.position = from;
        this.order = orderOf(from.epoch());
    }

    /// Gives the next rows; an epoch's end may lie between them.
    ///
    /// @param count how many
    /// @return the rows, each of its own length
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
    /// @return what to give the constructor in order to go on from here
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
