package dev.saiki.text.tokenizer;

/// An encoder that divides words into the pieces with the highest scores, see {@link ScoredPieces}.
///
/// Adjacent unknown characters become the tokens of their UTF-8 bytes, or one unknown token if any of these is
/// missing.
final class UnigramEncoder implements TextEncoder {

    private final TokenizerModel model;
    private final PieceAlphabet alphabet;
    private final ScoredPieces pieces;

    UnigramEncoder(TokenizerModel model, PieceAlphabet alphabet, ScoredPieces pieces) {
        this.model = model;
        this.alphabet = alphabet;
        this.pieces = pieces;
    }

    @Override
    public void encode(String text, IntSequence output) {
        IntSequence ids = new IntSequence(text.length() / 3);
        Utf8 utf8 = new Utf8();
        model.stages().preTokenizer().split(text, 0, text.length(), (source, from, to) -> {
            for (ScoredPieces.Part part : pieces.divide(source, from, to)) {
                if (part.id() == UnknownToken.ABSENT) {
                    utf8.encode(source, part.from(), part.to());
                    alphabet.addBytes(utf8, ids);
                } else {
                    ids.add(part.id());
                }
            }
        });
        for (int id : model.unknown().fill(ids.toArray())) {
            output.add(id);
        }
    }
}
