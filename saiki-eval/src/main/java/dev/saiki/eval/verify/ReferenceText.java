package dev.saiki.eval.verify;

import dev.saiki.checkpoint.provenance.VerificationStatistics.Quantity;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A text of a reference run: its tokens, and scores of the tokens that follow.
///
/// @param text the tokenizer's input, if known
/// @param idsAreGiven whether the reference itself returned the ids
/// @param ids tokens of the text, at least one
/// @param greedy the reference's greedy continuation
/// @param continuation the reference's text for the continuation, if known
/// @param quantity kind of the scores
/// @param rows the scores, in the order of their positions in the text and its continuation
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record ReferenceText(
        Optional<String> text,
        boolean idsAreGiven,
        int[] ids,
        int[] greedy,
        Optional<String> continuation,
        Quantity quantity,
        List<KnownScores> rows) {

    /// Copies the list.
    public ReferenceText {
        rows = List.copyOf(rows);
    }

    /// Concatenates the text and its continuation.
    ///
    /// @return all ids
    public int[] whole() {
        int[] whole = Arrays.copyOf(ids, ids.length + greedy.length);
        System.arraycopy(greedy, 0, whole, ids.length, greedy.length);
        return whole;
    }
}
