package dev.saiki.engine.sampling;

import static dev.saiki.engine.kernel.RowKernels.ROWS;

import dev.saiki.text.hash.SplitMix64;
import java.util.Arrays;

/// The sampler, which draws the next token from logits; the result of every method depends only on the
/// arguments.
///
/// There is no state between two draws: the random number of a draw is a hash of the seed and the position. So a
/// text can be continued, replayed or checked from any position, alone or in a batch, with the same result. For a
/// random number u in [0, 1), the drawn token is the lowest id at which the running sum of probabilities, in order
/// of the ids, exceeds u. Sums are in double precision; ties in rank go to the lower id.
///
/// Cost: O(V) for the distribution, O(V log V) with `topK` or `topP`, where V is the size of the vocabulary.
public final class Sampler {

    /// 2^-53, the spacing of the random numbers.
    private static final double UNIFORM_SPACING = 0x1.0p-53;

    private Sampler() {}

    /// Draws one token with the random number of a seed and a position.
    ///
    /// @param logits `[vocab_size]`; a token with minus infinity is never drawn
    /// @param settings settings of sampling
    /// @param seed identifies the stream of random numbers
    /// @param position index of the drawn token in the sequence
    /// @return id of the drawn token
    /// @throws NonFiniteException if a logit is NaN or plus infinity, or if no logit is finite
    public static int sample(float[] logits, SamplingSettings settings, long seed, long position) {
        return sample(logits, settings, uniform(seed, position));
    }

    /// Draws one token with a given random number.
    ///
    /// @param logits `[vocab_size]`; a token with minus infinity is never drawn
    /// @param settings settings of sampling
    /// @param uniform the random number, in [0, 1)
    /// @return id of the drawn token
    /// @throws IllegalArgumentException if a logit is NaN or plus infinity, none is finite, or `uniform` is not
    ///     in [0, 1)
    public static int sample(float[] logits, SamplingSettings settings, double uniform) {
        if (!(uniform >= 0 && uniform < 1)) {
            throw new IllegalArgumentException("uniform must be in [0, 1), got " + uniform);
        }
        if (settings.isGreedy()) {
            return likeliest(logits);
        }
        double[] probabilities = probabilities(logits, settings);
        double sum = 0;
        int last = 0;
        for (int id = 0; id < probabilities.length; id++) {
            if (probabilities[id] > 0) {
                sum += probabilities[id];
                last = id;
                if (sum > uniform) {
                    return id;
                }
            }
        }
        // Rounding errors left the sum of the probabilities a little below 1, and the random number is above the
        // sum.
        return last;
    }

    /// Finds the likeliest token.
    ///
    /// @param logits `[vocab_size]`
    /// @return id of the likeliest token; the lowest id in a tie
    /// @throws NonFiniteException if a logit is NaN or plus infinity, or if no logit is finite
    public static int likeliest(float[] logits) {
        float largest = largest(logits);
        int id = 0;
        while (logits[id] != largest) {
            id++;
        }
        return id;
    }

    /// Returns the likeliest token's logit.
    ///
    /// @throws NonFiniteException if a logit is NaN or plus infinity, or if no logit is finite
    static float largest(float[] logits) {
        float largest = ROWS.largest(logits);
        if (!Float.isFinite(largest)) {
            throw unusable(logits);
        }
        return largest;
    }

    private static NonFiniteException unusable(float[] logits) {
        for (int id = 0; id < logits.length; id++) {
            if (Float.isNaN(logits[id]) || logits[id] == Float.POSITIVE_INFINITY) {
                return new NonFiniteException("logit of token " + id + " is " + logits[id]);
            }
        }
        return new NonFiniteException("no finite logit among " + logits.length + " logits");
    }

    /// Computes the sampling distribution: after temperature and filters, with a sum of 1.
    ///
    /// @param logits `[vocab_size]`; a token with minus infinity is never drawn
    /// @param settings settings of sampling
    /// @return `[vocab_size]` probabilities; 0 for filtered tokens
    /// @throws NonFiniteException if a logit is NaN or plus infinity, or if no logit is finite
    public static double[] probabilities(float[] logits, SamplingSettings settings) {
        int likeliest = likeliest(logits);
        double[] weights = new double[logits.length];
        if (settings.isGreedy()) {
            weights[likeliest] = 1;
            return weights;
        }
        double highest = logits[likeliest];
        for (int id = 0; id < logits.length; id++) {
            weights[id] = Math.exp((logits[id] - highest) / settings.temperature());
        }
        if ((settings.topK() > 0 && settings.topK() < weights.length) || settings.topP() < 1) {
            keepHead(weights, ranked(logits), settings);
        }
        if (settings.minP() > 0) {
            // The likeliest token has weight 1, so each weight is the ratio that min-p compares.
            zeroBelow(weights, settings.minP());
        }
        normalise(weights);
        return weights;
    }

    /// Computes the random number of a seed and a position.
    ///
    /// A 64-bit finaliser with full avalanche is applied twice, first to the position and then to the sum of this
    /// result and the seed, so that neighbouring seeds do not give shifted copies of one stream.
    ///
    /// @param seed identifies the stream
    /// @param position index within the stream
    /// @return a multiple of 2^-53 in [0, 1)
    public static double uniform(long seed, long position) {
        long mixed = SplitMix64.mix(position * SplitMix64.GOLDEN_RATIO, seed);
        return (mixed >>> 11) * UNIFORM_SPACING;
    }

    /// Applies top-k, then applies top-p to the remaining tokens, by setting weights to 0.
    private static void keepHead(double[] weights, int[] ranked, SamplingSettings settings) {
        int kept = settings.topK() > 0 ? Math.min(settings.topK(), ranked.length) : ranked.length;
        double total = 0;
        for (int rank = 0; rank < kept; rank++) {
            total += weights[ranked[rank]];
        }
        double sum = 0;
        int head = 0;
        while (head < kept && (head == 0 || sum < settings.topP() * total)) {
            sum += weights[ranked[head]];
            head++;
        }
        for (int rank = head; rank < ranked.length; rank++) {
            weights[ranked[rank]] = 0;
        }
    }

    /// Sorts ids by descending logit, ties by ascending id. Each sort key combines logit and id, so one sort
    /// suffices.
    private static int[] ranked(float[] logits) {
        long[] keys = new long[logits.length];
        for (int id = 0; id < keys.length; id++) {
            // Adding 0 turns -0 into 0, so that both have the same rank. The bits of a positive float increase
            // with its value; those of a negative float decrease with it.
            int bits = Float.floatToRawIntBits(logits[id] + 0f);
            int rising = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
            keys[id] = ((long) ~rising << 32) | id;
        }
        Arrays.sort(keys);
        int[] ids = new int[keys.length];
        for (int rank = 0; rank < ids.length; rank++) {
            ids[rank] = (int) keys[rank];
        }
        return ids;
    }

    private static void zeroBelow(double[] weights, double least) {
        for (int id = 0; id < weights.length; id++) {
            if (weights[id] < least) {
                weights[id] = 0;
            }
        }
    }

    private static void normalise(double[] weights) {
        double sum = 0;
        for (double weight : weights) {
            sum += weight;
        }
        for (int id = 0; id < weights.length; id++) {
            weights[id] /= sum;
        }
    }
}
