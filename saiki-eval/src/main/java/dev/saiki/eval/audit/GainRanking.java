package dev.saiki.eval.audit;

/// A ranking of tokens for a further recursion.
///
/// All but the last two can be computed during generation: they depend only on results of the shallower depth.
public enum GainRanking {
    /// The decision of the model's own router.
    ROUTER,
    /// Random choice: the expected gain of an equal number of tokens, so that chance adds no noise.
    CHANCE,
    /// The mean gain of tokens at similar positions in other documents.
    POSITION,
    /// The head's highest probability minus the second highest at the shallower depth, the least certain first.
    CONFIDENCE,
    /// The distance by which the last step moved the state, the farthest first.
    MOVEMENT,
    /// A ridge regression of the gain on the input state of the step, fitted on other documents.
    REGRESSION,
    /// The Kullback–Leibler divergence of the deeper prediction from the shallower one, the largest first: the
    /// expected gain given both predictions, but not the next token.
    FORESEEABLE,
    /// The gain itself, which requires the next token: the upper bound of every ranking.
    HINDSIGHT
}
