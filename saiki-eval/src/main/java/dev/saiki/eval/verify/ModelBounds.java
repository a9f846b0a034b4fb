package dev.saiki.eval.verify;

import dev.saiki.checkpoint.config.ModelConfig;

/// The bounds of a model, against which every id and text of a reference is checked.
///
/// @param vocabulary number of token ids
/// @param longest maximum number of tokens in a text with its continuation
public record ModelBounds(int vocabulary, int longest) {

    /// Maximum number of logits of one text in memory at once: half a gibibyte.
    private static final long MAX_NUMBERS = 1L << 27;

    /// Returns the bounds of a model.
    ///
    /// @param config the model
    /// @return the model's vocabulary size, and the smaller of its context length and the length that memory
    ///     allows
    public static ModelBounds of(ModelConfig config) {
        long rows = MAX_NUMBERS / config.vocabSize();
        return new ModelBounds(config.vocabSize(), (int) Math.min(rows, config.maxPositionEmbeddings()));
    }
}
