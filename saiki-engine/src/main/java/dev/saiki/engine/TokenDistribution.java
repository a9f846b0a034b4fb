package dev.saiki.engine;

import dev.saiki.engine.kernel.Logits;
import java.util.ArrayList;
import java.util.List;

/// Log-probabilities of single tokens from one set of logits.
///
/// All are computed by one formula from one normaliser, so that a token has the same log-probability, to the last bit,
/// on its own and among the likeliest.
final class TokenDistribution {

    private final float[] logits;
    private final float highest;
    private final double logOfSum;

    /// Normalises logits.
    ///
    /// @param logits `[vocab_size]`; minus infinity means never
    /// @throws IllegalArgumentException if a logit is NaN or plus infinity, or none is finite
    TokenDistribution(float[] logits) {
        this.logits = logits;
        this.highest = Sampler.largest(logits);
        this.logOfSum = Math.log(Logits.exponentialSum(logits, highest));
    }

    /// Returns the natural-log probability of a token, at most 0.
    double logprob(int id) {
        return (double) logits[id] - highest - logOfSum;
    }

    /// Returns the likeliest tokens, likeliest first, equals by rising id: the first is the one that greedy sampling
    /// takes.
    ///
    /// @param count how many, as far as there are so many
    List<TokenAlternative> likeliest(int count) {
        List<TokenAlternative> likeliest = new ArrayList<>();
        boolean[] taken = new boolean[count == 0 ? 0 : logits.length];
        for (int rank = 0; rank < Math.min(count, logits.length); rank++) {
            int best = -1;
            for (int id = 0; id < logits.length; id++) {
                if (!taken[id] && (best < 0 || logits[id] > logits[best])) {
                    best = id;
                }
            }
            taken[best] = true;
            likeliest.add(new TokenAlternative(best, logprob(best)));
        }
        return List.copyOf(likeliest);
    }
}
