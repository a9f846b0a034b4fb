package dev.saiki.model.routing;

import dev.saiki.checkpoint.config.RandomRouterScore;

/// The scores of the random router, the baseline for learned routers.
@FunctionalInterface
public interface RandomScores {

    /// Returns the score of one token at one step.
    ///
    /// @param sequence the index of the sequence in the batch
    /// @param position the index of the token in its sequence
    /// @param step recursion step, from 0
    /// @return a number in [0, 1)
    float at(int sequence, int position, int step);

    /// Returns the scores for evaluation: each depends only on position and step, so that a token's depth
    /// depends neither on later tokens nor on other sequences.
    ///
    /// @return the scores
    static RandomScores causal() {
        return (_, position, step) -> RandomRouterScore.causal(position, step);
    }

    /// Returns the scores for training, which differ between sequences and between training steps.
    ///
    /// @param seed the run's seed
    /// @param trainingStep the training step
    /// @param firstSequence the index of the batch's first sequence within the training step
    /// @return the scores
    static RandomScores forTraining(long seed, long trainingStep, int firstSequence) {
        long base = RandomRouterScore.mix(seed ^ RandomRouterScore.mix(trainingStep));
        return (sequence, position, step) -> RandomRouterScore.of(base + firstSequence + sequence, position, step);
    }
}
