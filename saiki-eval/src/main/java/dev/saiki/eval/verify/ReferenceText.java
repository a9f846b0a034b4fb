package dev.saiki.eval.verify;

import dev.saiki.checkpoint.provenance.VerificationStatistics.Quantity;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A text of a reference run: its tokens, and numbers about what follows them.
///
/// @param text as it was given to the tokenizer, if that is known
/// @param idsAreTold whether the ids are the reference's own
/// @param ids tokens of the text, at least one
/// @param greedy the tokens that the reference found likeliest after it, one after the other
/// @param continuation their text, if it is known
/// @param quantity what the numbers are
/// @param rows numbers, at rising positions of the text and its continuation
@SuppressWarnings("ArrayRecordComponent") // Handed on, and compared by nobody.
public record ReferenceText(
        Optional<String> text,
        boolean idsAreTold,
        int[] ids,
        int[] greedy,
        Optional<String> continuation,
        Quantity quantity,
        List<KnownScores> rows) {

    /// Keeps its own list.
    public ReferenceText {
        rows = List.copyOf(rows);
    }

    /// Puts the text and its continuation together.
    ///
    /// @return all ids
    public int[] whole() {
        int[] whole = Arrays.copyOf(ids, ids.length + greedy.length);
        System.arraycopy(greedy, 0, whole, ids.length, greedy.length);
        return whole;
    }
}
