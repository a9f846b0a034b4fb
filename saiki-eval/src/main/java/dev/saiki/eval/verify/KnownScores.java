package dev.saiki.eval.verify;

/// The scores that a reference gives to tokens that could follow a position.
///
/// @param position position of the token before the scored one, from 0
/// @param ids the tokens with scores
/// @param values logits or log-probabilities of the tokens in `ids`
/// @param namesLikeliest whether the two likeliest tokens are among the ids
@SuppressWarnings("ArrayRecordComponent") // Whole vocabularies, never compared.
public record KnownScores(int position, int[] ids, float[] values, boolean namesLikeliest) {

    /// Checks that each token has a score.
    public KnownScores {
        if (ids.length != values.length) {
            throw new IllegalArgumentException(ids.length + " tokens and " + values.length + " numbers");
        }
    }
}
