package dev.saiki.engine.sampling;

import static dev.saiki.engine.kernel.RowKernels.ROWS;

import java.util.ArrayList;
import java.util.List;

/// The log-probabilities of single tokens for one set of logits.
///
/// All log-probabilities are computed by one formula with the same normaliser. So a token's log-probability is
/// bit-identical, whether it is requested alone or among the likeliest tokens.
public final class TokenDistribution {

    private final float[] logits;
    private final float highest;
    private final double logOfSum;

    /// Makes the distribution of logits.
    ///
    /// @param logits `[vocab_size]`; a token with minus infinity has probability 0
    /// @throws IllegalArgumentException if a logit is NaN or plus infinity, or none is finite
    public TokenDistribution(float[] logits) {
        this.logits = logits;
        this.highest = Sampler.largest(logits);
        this.logOfSum = Math.log(ROWS.exponentialSum(logits, highest));
    }

    /// Returns the natural-log probability of a token.
    ///
    /// @param id the token
    /// @return the log-probability of the token, at most 0
    public double logprob(int id) {
        return (double) logits[id] - highest - logOfSum;
    }

    /// Returns the likeliest tokens; the likeliest token comes first, and equally likely tokens are in order
    /// of their ids. The first one is the greedy choice.
    ///
    /// @param count number of tokens; at most the size of the vocabulary is returned
    /// @return the tokens
    public List<TokenLogprob> likeliest(int count) {
        List<TokenLogprob> likeliest = new ArrayList<>();
        boolean[] taken = new boolean[count == 0 ? 0 : logits.length];
        for (int rank = 0; rank < Math.min(count, logits.length); rank++) {
            int best = -1;
            for (int id = 0; id < logits.length; id++) {
                if (!taken[id] && (best < 0 || logits[id] > logits[best])) {
                    best = id;
                }
            }
            taken[best] = true;
            likeliest.add(new TokenLogprob(best, logprob(best)));
        }
        return List.copyOf(likeliest);
    }
}
