package dev.saiki.eval.verify;

import dev.saiki.checkpoint.config.ModelConfig;

/// The bounds of a model that every id and text of a reference is checked against.
///
/// @param vocabulary token ids
/// @param longest most tokens of a text with its continuation
public record ModelBounds(int vocabulary, int longest) {

    /// Logits of one text that are in memory at once: half a gibibyte of them.
    private static final long MOST_NUMBERS = 1L << 27;

    /// Finds those of a model.
    ///
    /// @param config the model
    /// @return its vocabulary, and its context or what memory allows
    public static ModelBounds of(ModelConfig config) {
        long rows = MOST_NUMBERS / config.vocabSize();
        return new ModelBounds(config.vocabSize(), (int) Math.min(rows, config.maxPositionEmbeddings()));
    }
}
