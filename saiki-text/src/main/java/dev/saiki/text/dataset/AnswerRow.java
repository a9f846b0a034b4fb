package dev.saiki.text.dataset;

import java.util.Arrays;

/// The tokens of a conversation, with a mask of the tokens to learn.
///
/// @param ids the tokens, at least two
/// @param targets the mask: true for each token of an answer to learn; the first token's entry is always
///     false
@SuppressWarnings("ArrayRecordComponent") // Rows are many and large, and never compared.
public record AnswerRow(int[] ids, boolean[] targets) {

    /// Truncates the row.
    ///
    /// @param most the maximum number of tokens; at least two
    /// @return the row, truncated if it is longer than `most`
    public AnswerRow cut(int most) {
        int length = Math.min(most, ids.length);
        return new AnswerRow(Arrays.copyOf(ids, length), Arrays.copyOf(targets, length));
    }

    /// Counts the tokens to learn.
    ///
    /// @return how many
    public int numTargets() {
        int count = 0;
        for (boolean each : targets) {
            count += each ? 1 : 0;
        }
        return count;
    }
}
