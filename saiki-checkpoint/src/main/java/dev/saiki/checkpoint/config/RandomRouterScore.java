package dev.saiki.checkpoint.config;

/// The scores of the random router, computed as hashes so that no scores need to be stored.
public final class RandomRouterScore {

    private static final long CAUSAL_STREAM = 0x5a1c1L;

    private RandomRouterScore() {}

    /// Returns the score of a token in evaluation and decoding. The score depends only on position and step, so
    /// that a token's depth depends neither on later tokens nor on other sequences.
    ///
    /// @param position index of the token in its sequence
    /// @param step recursion step, from 0
    /// @return a number in [0, 1), uniformly distributed
    public static float causal(int position, int step) {
        return uniform(mix(mix(CAUSAL_STREAM + position) + step));
    }

    /// Returns the score of a token in one of many random streams.
    ///
    /// @param stream any number
    /// @param position index of the token in its sequence
    /// @param step recursion step, from 0
    /// @return a number in [0, 1), uniformly distributed
    public static float of(long stream, int position, int step) {
        return uniform(mix(mix(mix(stream) + position) + step));
    }

    /// Maps a counter to pseudo-random bits: the finalizer of SplitMix64 (Steele, Lea, Flood 2014).
    ///
    /// @param counter any number
    /// @return 64 mixed bits
    public static long mix(long counter) {
        long z = counter + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    private static float uniform(long bits) {
        return (bits >>> 40) * 0x1.0p-24f;
    }
}
