package dev.saiki.model;

import dev.saiki.io.InputException;
import java.util.Arrays;

/// A text: a context, and the tokens after the context, which are to be scored.
///
/// The model reads all tokens except the last, which is only predicted, so the text may be one token longer than
/// `max_position_embeddings`.
///
/// @param ids token ids, at least 2
/// @param firstScored the index of the first token to score, at least 1
@SuppressWarnings("ArrayRecordComponent") // The arrays are large, and records are not compared.
public record Continuation(int[] ids, int firstScored) {

    /// Checks that there is a token to read and a token to score.
    ///
    /// @throws InputException if there is no token to read or no token to score
    public Continuation {
        InputException.requireBetween("continuation: the first token to score", firstScored, 1, ids.length - 1);
    }

    /// Returns the tokens that the model reads: all but the last.
    ///
    /// @return the ids
    public int[] read() {
        return Arrays.copyOf(ids, numRead());
    }

    /// Returns the number of tokens that the model reads.
    ///
    /// @return the number
    public int numRead() {
        return ids.length - 1;
    }

    /// Returns the number of scored tokens.
    ///
    /// @return the number
    public int numScored() {
        return ids.length - firstScored;
    }
}
