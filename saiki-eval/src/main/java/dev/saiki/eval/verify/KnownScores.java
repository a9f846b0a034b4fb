package dev.saiki.eval.verify;

/// The numbers that a reference gives for the token after a position.
///
/// @param position of the last token before it, from 0
/// @param ids the tokens that numbers are told of
/// @param values their logits or log-probabilities
/// @param namesLikeliest whether the two likeliest tokens are among them
@SuppressWarnings("ArrayRecordComponent") // Whole vocabularies, which nothing compares.
public record KnownScores(int position, int[] ids, float[] values, boolean namesLikeliest) {

    /// Checks that there is a number for each token.
    public KnownScores {
        if (ids.length != values.length) {
            throw new IllegalArgumentException(ids.length + " tokens and " + values.length + " numbers");
        }
    }
}
