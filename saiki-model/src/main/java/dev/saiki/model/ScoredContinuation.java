package dev.saiki.model;

/// The token probabilities and depths of a scored continuation.
///
/// @param logprobs natural-log probability of each scored token given all earlier tokens
/// @param likeliest whether each scored token was the likeliest at its position
/// @param predicted the likeliest id at the position of each scored token
/// @param depths recursions of each read token, from 1
@SuppressWarnings("ArrayRecordComponent") // Results are not compared.
public record ScoredContinuation(double[] logprobs, boolean[] likeliest, int[] predicted, int[] depths) {

    /// Adds up the log-probabilities of the scored tokens.
    ///
    /// @return natural-log probability of all scored tokens together
    public double logLikelihood() {
        double sum = 0;
        for (double logprob : logprobs) {
            sum += logprob;
        }
        return sum;
    }

    /// Tells whether greedy decoding would produce exactly the scored tokens.
    ///
    /// @return whether every scored token was the likeliest
    public boolean isGreedy() {
        for (boolean one : likeliest) {
            if (!one) {
                return false;
            }
        }
        return true;
    }
}
