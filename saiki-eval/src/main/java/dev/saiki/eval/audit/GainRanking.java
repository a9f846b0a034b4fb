package dev.saiki.eval.audit;

/// A ranking of tokens for a further recursion.
///
/// All but the last two can be had while a text is written: they need nothing but what the shallower depth left.
public enum GainRanking {
    /// What the model's own router decided.
    ROUTER,
    /// By lot: what as many tokens gain on average, so that luck adds no noise.
    CHANCE,
    /// By what tokens in like positions of other documents gained.
    POSITION,
    /// The head's greatest probability less the second at the shallower depth, the least sure first.
    CONFIDENCE,
    /// How far the last step moved the state, the farthest first.
    MOVEMENT,
    /// A ridge regression of the gain on the state that the step reads, fitted on other documents.
    REGRESSION,
    /// The divergence (Kullback and Leibler's) of the deeper prediction from the shallower one, the largest first: the
    /// gain that is expected by whoever knows both predictions and not the next token.
    FORESEEABLE,
    /// The gain itself, which only somebody knows who knows the next token: as much as there is to be had.
    HINDSIGHT
}
