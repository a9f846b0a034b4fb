package dev.saiki.eval;

import dev.saiki.model.NextToken;
import dev.saiki.model.ScoreOptions;

/// Something that predicts the token after a prefix.
@FunctionalInterface
public interface NextTokenPredictor {

    /// Predicts one token.
    ///
    /// @param prefix token ids, at least one
    /// @param options how to route; causal for text that is really written token by token
    /// @return logits over the vocabulary, and the depth that the last token of the prefix took
    NextToken next(int[] prefix, ScoreOptions options);
}
