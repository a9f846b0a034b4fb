package dev.saiki.text.dataset;

import dev.saiki.io.InputException;

/// The position of a {@link BatchLoader}: its next row.
///
/// @param epoch the number of completed passes over the split, from 0
/// @param row the number of rows already returned in this epoch
public record LoaderPosition(long epoch, long row) {

    /// The position of the first row.
    public static final LoaderPosition START = new LoaderPosition(0, 0);

    /// Checks that neither number is negative.
    ///
    /// @param epoch the number of completed passes over the split, from 0
    /// @param row the number of rows already returned in this epoch
    public LoaderPosition {
        InputException.require(
                epoch >= 0 && row >= 0, "data position", "epoch and row", "at least 0", epoch + " and " + row);
    }
}
