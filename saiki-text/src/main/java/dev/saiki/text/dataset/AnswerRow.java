package dev.saiki.text.dataset;

import java.util.Arrays;

/// The tokens of a conversation, with a mask of those to learn.
///
/// @param ids the tokens, at least two
/// @param learnt the mask: true for each token of an answer to learn; never for the first token
@SuppressWarnings("ArrayRecordComponent") // Many and large; never compared.
public record AnswerRow(int[] ids, boolean[] learnt) {

    /// Truncates the row.
    ///
    /// @param most the maximum number of tokens; at least two
    /// @return the row, truncated if it is longer
    public AnswerRow cut(int most) {
        int length = Math.min(most, ids.length);
        return new AnswerRow(Arrays.copyOf(ids, length), Arrays.copyOf(learnt, length));
    }

    /// Counts the tokens to learn.
    ///
    /// @return how many
    public int numLearnt() {
        int count = 0;
        for (boolean each : learnt) {
            count += each ? 1 : 0;
        }
        return count;
    }
}
