package dev.saiki.eval.audit;

import dev.saiki.model.TracedSequence;

/// A token that was intervened on, with what each depth would have given it.
///
/// The arrays have one entry a depth, entry 0 for depth 1; all other tokens are as deep as the router sent them.
///
/// @param token the token as the router treated it
/// @param losses its loss at each depth, nats
/// @param lossesOfFollowing sum of the losses of the tokens after it in its window, at each depth, nats
/// @param likeliest at each depth, whether the token after it is the likeliest
@SuppressWarnings("ArrayRecordComponent") // Many; compared by nobody.
record SampledToken(RoutedToken token, double[] losses, double[] lossesOfFollowing, boolean[] likeliest)
        implements Observation {

    /// Makes a sample of which only the depth that the router chose is known.
    static SampledToken of(RoutedToken token, int numRecursions, TracedSequence asRouted) {
        SampledToken sample = new SampledToken(
                token, new double[numRecursions], new double[numRecursions], new boolean[numRecursions]);
        sample.put(token.depth(), asRouted);
        return sample;
    }

    /// Notes what a depth gave.
    ///
    /// @param window the token's window with the token at that depth
    void put(int depth, TracedSequence window) {
        int next = token.position() + 1;
        float[] logprobs = window.scored().logprobs();
        losses[depth - 1] = -logprobs[next];
        likeliest[depth - 1] = window.likeliest()[next];
        double following = 0;
        for (int t = next + 1; t < logprobs.length; t++) {
            following -= logprobs[t];
        }
        lossesOfFollowing[depth - 1] = following;
    }

    @Override
    public int cluster() {
        return token.cluster();
    }

    /// The depth that the router chose.
    int depth() {
        return token.depth();
    }

    double loss(int depth) {
        return losses[depth - 1];
    }

    double lossOfFollowing(int depth) {
        return lossesOfFollowing[depth - 1];
    }

    boolean isLikeliest(int depth) {
        return likeliest[depth - 1];
    }

    /// Loss and price of a depth.
    double cost(int depth, double price) {
        return loss(depth) + price * depth;
    }

    /// The depth of least cost, the shallower one of equals.
    int bestDepth(double price) {
        int best = 1;
        for (int depth = 2; depth <= losses.length; depth++) {
            best = cost(depth, price) < cost(best, price) ? depth : best;
        }
        return best;
    }
}
