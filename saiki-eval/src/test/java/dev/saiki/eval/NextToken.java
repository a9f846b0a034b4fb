package dev.saiki.eval;

import dev.saiki.model.ScoreOptions;
import dev.saiki.model.TeacherForcedScorer;
import java.util.Arrays;
import java.util.List;

/// A model's distribution of the next token after a prefix.
///
/// @param logits unnormalised log-probability of every id
/// @param depth recursions of the prefix's last token, from 1
@SuppressWarnings("ArrayRecordComponent") // Results are not compared.
public record NextToken(float[] logits, int depth) {

    /// Predicts the token after a prefix.
    ///
    /// @param scorer the model
    /// @param prefix ids, not empty and no longer than the model's context
    /// @param options the scoring options
    /// @return the scores of all ids and the depth of the last token
    public static NextToken after(TeacherForcedScorer scorer, int[] prefix, ScoreOptions options) {
        float[] logits = scorer.logits(List.of(prefix), options);
        int[] depths = scorer.score(List.of(prefix), options).getFirst().depths();
        int last = logits.length - scorer.config().vocabSize();
        return new NextToken(Arrays.copyOfRange(logits, last, logits.length), depths[prefix.length - 1]);
    }
}
