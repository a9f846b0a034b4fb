package dev.saiki.text.dataset;

import java.util.Arrays;

/// The tokens of a conversation, and which of them are learnt.
///
/// @param ids the tokens, at least two
/// @param learnt for each token whether it is a part of an answer that is learnt; never the first
@SuppressWarnings("ArrayRecordComponent") // Many and large; compared by nobody.
public record AnswerRow(int[] ids, boolean[] learnt) {

    /// Keeps the first tokens only.
    ///
    /// @param most how many; at least two
    /// @return the row, or the beginning of it
    public AnswerRow cut(int most) {
        int length = Math.min(most, ids.length);
        return new AnswerRow(Arrays.copyOf(ids, length), Arrays.copyOf(learnt, length));
    }

    /// Counts the tokens that are learnt.
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
