package dev.saiki.eval.tasks;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.text.tokenizer.Tokenizer;

/// A model under evaluation, at one setting of its depth.
///
/// @param config the model
/// @param tokenizer the model's tokenizer
/// @param scorer scorer of the model
/// @param maxDepth depth bound of the scorer; {@link Integer#MAX_VALUE} for none
public record EvaluatedModel(ModelConfig config, Tokenizer tokenizer, ContinuationScorer scorer, int maxDepth) {

    /// Returns the token that precedes a text without a context.
    ///
    /// @return the beginning-of-text token, or the end-of-text token if the model has none
    int prefixId() {
        return config.bosTokenId().orElse(tokenizer.endOfTextId());
    }

    PromptEncoder encoder() {
        return new PromptEncoder(tokenizer, prefixId(), config.maxPositionEmbeddings());
    }
}
