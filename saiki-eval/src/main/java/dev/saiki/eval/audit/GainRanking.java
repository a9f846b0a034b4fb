package dev.saiki.eval.audit;

/// A ranking of tokens for a further recursion.
///
/// All rankings except the last two can be computed during generation: they depend only on results before the
/// further recursion.
public enum GainRanking {
    /// The decision of the model's own router.
    ROUTER,
    /// Random choice. Its gain is computed as an expected value rather than by drawing tokens, so random numbers
    /// add no noise.
    CHANCE,
    /// The mean gain of tokens at similar positions in other documents.
    POSITION,
    /// The difference between the two highest next-token probabilities before the further recursion, the least
    /// certain token first.
    CONFIDENCE,
    /// The distance by which the preceding step moved the state, the largest first.
    MOVEMENT,
    /// A ridge regression of the gain on the input state of the step, fitted on other documents.
    REGRESSION,
    /// The Kullback–Leibler divergence of the prediction after the further recursion from the prediction before
    /// it, the largest first. This divergence is the expected gain if the next token is drawn from the later
    /// prediction.
    FORESEEABLE,
    /// The gain itself, which depends on the next token: the upper bound of every ranking.
    HINDSIGHT
}
