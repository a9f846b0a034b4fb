package dev.saiki.text.tokenizer;

/// A thread-safe encoder of text without special tokens.
sealed interface TextEncoder permits MergeEncoder, PieceEncoder, UnigramEncoder {

    /// Creates the encoder of a tokenizer.
    static TextEncoder of(TokenizerModel model) {
        return model.pieces()
                .map(pieces -> model.scored()
                        .<TextEncoder>map(scored -> new UnigramEncoder(model, pieces, scored))
                        .orElseGet(() -> new PieceEncoder(model, pieces)))
                .orElseGet(() -> new MergeEncoder(model));
    }

    /// Appends the ids of a text.
    void encode(String text, IntSequence output);
}
