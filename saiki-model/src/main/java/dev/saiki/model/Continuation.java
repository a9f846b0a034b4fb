package dev.saiki.model;

import dev.saiki.io.InputException;
import java.util.Arrays;

/// A context, and the tokens after it to score.
///
/// The model reads all tokens but the last, which is only predicted; so the text may be one token longer than the
/// model's context.
///
/// @param ids token ids, at least 2
/// @param firstScored index of the first token to be scored, at least 1
@SuppressWarnings("ArrayRecordComponent") // Many and large; compared by nobody.
public record Continuation(int[] ids, int firstScored) {

    /// Checks that there is something to read and something to score.
    ///
    /// @throws InputException if not
    public Continuation {
        if (firstScored < 1 || firstScored >= ids.length) {
            throw InputException.of(
                    "continuation", "the first token to score", "from 1 to " + (ids.length - 1), firstScored);
        }
    }

    /// Returns what the model reads: everything but the last token.
    ///
    /// @return the ids
    public int[] read() {
        return Arrays.copyOf(ids, numRead());
    }

    /// Counts the tokens that the model reads.
    ///
    /// @return how many
    public int numRead() {
        return ids.length - 1;
    }

    /// Counts the tokens that are scored.
    ///
    /// @return how many
    public int numScored() {
        return ids.length - firstScored;
    }
}
