package dev.saiki.text.tokenizer;

import java.util.Arrays;

/// An encoder that merges the characters of words, like SentencePiece's BPE; see {@link MergeTable}.
///
/// A character without a token becomes the tokens of its UTF-8 bytes, or the unknown token if any of these is
/// missing.
final class PieceEncoder implements TextEncoder {

    private final PreTokenizer preTokenizer;
    private final MergeTable merges;
    private final PieceAlphabet alphabet;
    private final UnknownToken unknown;

    PieceEncoder(TokenizerModel model, PieceAlphabet alphabet) {
        this.alphabet = alphabet;
        unknown = model.unknown();
        preTokenizer = model.stages().preTokenizer();
        merges = new MergeTable(model);
    }

    @Override
    public void encode(String text, IntSequence output) {
        preTokenizer.split(text, 0, text.length(), (source, from, to) -> encodeWord(source, from, to, output));
    }

    private void encodeWord(String text, int from, int to, IntSequence output) {
        IntSequence pieces = new IntSequence(to - from);
        Utf8 utf8 = new Utf8();
        int at = from;
        while (at < to) {
            int character = text.codePointAt(at);
            int end = at + Character.charCount(character);
            int id = alphabet.idOf(character);
            if (id >= 0) {
                pieces.add(id);
            } else {
                utf8.encode(text, at, end);
                alphabet.addBytes(utf8, pieces);
            }
            at = end;
        }
        int[] ids = unknown.fill(pieces.toArray());
        int left = merges.merge(ids);
        for (int id : Arrays.copyOf(ids, left)) {
            output.add(id);
        }
    }
}
