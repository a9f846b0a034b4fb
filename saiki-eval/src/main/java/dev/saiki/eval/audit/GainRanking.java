package dev.saiki.eval.audit;

/// A ranking of tokens for a further recursion.
///
/// All rankings except the last two can be computed during generation: they depend only on results at the
/// shallower depth.
public enum GainRanking {
    /// The decision of the model's own router.
    ROUTER,
    /// Random choice, computed as the expected gain of an equal number of tokens, so that no random numbers add
    /// noise.
    CHANCE,
    /// The mean gain of tokens at similar positions in other documents.
    POSITION,
    /// The difference between the head's two highest probabilities at the shallower depth, the least certain token
    /// first.
    CONFIDENCE,
    /// The distance by which the preceding step moved the state, the largest first.
    MOVEMENT,
    /// A ridge regression of the gain on the input state of the step, fitted on other documents.
    REGRESSION,
    /// The Kullback–Leibler divergence of the deeper prediction from the shallower one, the largest first. This
    /// divergence is the gain expected from both predictions, without the next token.
    FORESEEABLE,
    /// The gain itself, which depends on the next token: the upper bound of every ranking.
    HINDSIGHT
}
