package dev.saiki.model;

/// The token probabilities and depths of a scored continuation.
///
/// @param logprobs natural-log probability of each scored token given all before it
/// @param likeliest whether each scored token was the likeliest in its place
/// @param predicted the id that was likeliest in the place of each scored token
/// @param depths recursions of each token that was read, from 1
@SuppressWarnings("ArrayRecordComponent") // A carrier of results that nothing compares.
public record ScoredContinuation(double[] logprobs, boolean[] likeliest, int[] predicted, int[] depths) {

    /// Adds the log-probabilities up.
    ///
    /// @return natural-log probability of the whole end
    public double logLikelihood() {
        double sum = 0;
        for (double logprob : logprobs) {
            sum += logprob;
        }
        return sum;
    }

    /// Tells whether greedy decoding would have written exactly this end.
    ///
    /// @return whether every token was the likeliest
    public boolean isGreedy() {
        for (boolean one : likeliest) {
            if (!one) {
                return false;
            }
        }
        return true;
    }
}
