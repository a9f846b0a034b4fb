package dev.saiki.eval;

import dev.saiki.io.InputException;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredSequence;
import java.util.Arrays;
import java.util.List;

/// A model that knows only the frequencies of tokens: the baseline for every language model.
///
/// Each count is raised by one, so that no token has probability zero.
public final class UnigramModel implements SequenceScorer {

    private final float[] logprobs;

    private UnigramModel(float[] logprobs) {
        this.logprobs = logprobs;
    }

    /// Creates the model from counts.
    ///
    /// @param counts occurrences of each vocabulary id
    /// @return the model
    public static UnigramModel of(long[] counts) {
        double total = counts.length;
        for (long count : counts) {
            if (count < 0) {
                throw new IllegalArgumentException("a count below 0: " + count);
            }
            total += count;
        }
        float[] logprobs = new float[counts.length];
        for (int id = 0; id < counts.length; id++) {
            logprobs[id] = (float) Math.log((counts[id] + 1) / total);
        }
        return new UnigramModel(logprobs);
    }

    /// Returns the natural-log probability of a token.
    ///
    /// @param id an id of the vocabulary
    /// @return log-probability of the token, independent of the context
    /// @throws InputException if the id is not in the vocabulary
    public double logprob(int id) {
        InputException.requireBetween("unigram model: a token id", id, 0, logprobs.length - 1);
        return logprobs[id];
    }

    /// Scores sequences; every token has depth 1.
    @Override
    public List<ScoredSequence> score(List<int[]> sequences, ScoreOptions options) {
        return sequences.stream().map(this::score).toList();
    }

    private ScoredSequence score(int[] ids) {
        float[] scores = new float[ids.length];
        for (int i = 0; i < ids.length; i++) {
            scores[i] = i == 0 ? Float.NaN : (float) logprob(ids[i]);
        }
        int[] depths = new int[ids.length];
        Arrays.fill(depths, 1);
        return new ScoredSequence(scores, depths);
    }
}
