package dev.saiki.eval;

import dev.saiki.model.ScoreOptions;

/// A predictor of the token after a prefix.
@FunctionalInterface
public interface NextTokenPredictor {

    /// Predicts one token.
    ///
    /// @param prefix token ids, at least one
    /// @param options how to route; causal for text that is generated token by token
    /// @return logits over the vocabulary, and the depth of the last token of the prefix
    NextToken next(int[] prefix, ScoreOptions options);
}
