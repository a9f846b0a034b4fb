package dev.saiki.model.routing;

/// The scores of the random router, the baseline that every learned router has to beat.
@FunctionalInterface
public interface RandomScores {

    /// Returns the score of one token at one step.
    ///
    /// @param sequence index of the sequence in the batch
    /// @param position index of the token in its sequence
    /// @param step recursion step, from 0
    /// @return a number in [0, 1)
    float at(int sequence, int position, int step);

    /// Scores for evaluation: a function of position and step alone, so that a token's depth depends neither on later
    /// tokens nor on other sequences.
    ///
    /// @return the scores
    static RandomScores causal() {
        return (_, position, step) -> uniform(mix(mix(0x5a1c1L + position) + step));
    }

    /// Scores for training, drawn anew for each sequence and training step.
    ///
    /// @param seed the run's seed
    /// @param trainingStep the training step
    /// @param firstSequence index of the batch's first sequence among all of the step
    /// @return the scores
    static RandomScores forTraining(long seed, long trainingStep, int firstSequence) {
        long base = mix(seed ^ mix(trainingStep));
        return (sequence, position, step) -> uniform(mix(mix(mix(base + firstSequence + sequence) + position) + step));
    }

    /// The finalizer of SplitMix64 (Steele, Lea, Flood 2014), which turns a counter into independent-looking bits.
    private static long mix(long counter) {
        long z = counter + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    private static float uniform(long bits) {
        return (bits >>> 40) * 0x1.0p-24f;
    }
}
