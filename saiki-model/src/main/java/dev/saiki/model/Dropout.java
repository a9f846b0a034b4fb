package dev.saiki.model;

import dev.saiki.checkpoint.config.RandomRouterScore;
import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;

/// Dropout of a training pass, on embeddings and on the outputs of attention and feed-forward; the remaining
/// values are scaled up (Srivastava et al., "Dropout", 2014).
///
/// The dropped values depend only on seed, layer and position. A layer that is recomputed in the backward pass
/// therefore drops the same values, as does a layer that several exits of a micro-batch share.
///
/// @param rate the share of dropped values, from 0 to below 1
/// @param seed the seed of the micro-batch
public record Dropout(double rate, long seed) {

    /// No dropout.
    public static final Dropout NONE = new Dropout(0, 0);

    private static final int EMBEDDING = -1;
    private static final int PLACES_OF_A_LAYER = 2;

    /// Returns the dropout of a micro-batch.
    ///
    /// @param rate the share, from 0 to below 1
    /// @param seed the run's seed
    /// @param trainingStep the training step
    /// @param firstSequence the index of the micro-batch's first sequence within the training step
    /// @return the dropout; equal arguments give the same dropout
    public static Dropout forTraining(double rate, long seed, long trainingStep, int firstSequence) {
        return rate == 0
                ? NONE
                : new Dropout(rate, RandomRouterScore.mix(RandomRouterScore.mix(~seed) ^ trainingStep) + firstSequence);
    }

    Tensor ofEmbedding(Tensor states) {
        return apply(states, EMBEDDING);
    }

    Tensor ofAttention(Tensor change, int layer) {
        return apply(change, PLACES_OF_A_LAYER * layer);
    }

    Tensor ofFeedForward(Tensor change, int layer) {
        return apply(change, PLACES_OF_A_LAYER * layer + 1);
    }

    private Tensor apply(Tensor states, int place) {
        return rate == 0
                ? states
                : Functional.dropout(states, rate, RandomRouterScore.mix(RandomRouterScore.mix(seed) ^ place));
    }
}
