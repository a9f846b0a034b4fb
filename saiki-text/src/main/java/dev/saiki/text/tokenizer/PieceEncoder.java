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

    PieceEncoder(TokenizerModel model, PieceAlphabet alphabet) {
        this.alphabet = alphabet;
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
        boolean unknownBefore = false;
        int at = from;
        while (at < to) {
            int character = text.codePointAt(at);
            int end = at + Character.charCount(character);
            int id = alphabet.idOf(character);
            boolean unknown = false;
            if (id >= 0) {
                pieces.add(id);
            } else {
                utf8.encode(text, at, end);
                unknown = !addBytes(utf8, pieces);
                if (unknown && !(unknownBefore && alphabet.fusesUnknown())) {
                    pieces.add(alphabet.unknown());
                }
            }
            unknownBefore = unknown;
            at = end;
        }
        int[] ids = pieces.toArray();
        int left = merges.merge(ids);
        for (int id : Arrays.copyOf(ids, left)) {
            output.add(id);
        }
    }

    private boolean addBytes(Utf8 utf8, IntSequence pieces) {
        for (int i = 0; i < utf8.length(); i++) {
            if (alphabet.idOfByte(Byte.toUnsignedInt(utf8.bytes()[i])) < 0) {
                return false;
            }
        }
        for (int i = 0; i < utf8.length(); i++) {
            pieces.add(alphabet.idOfByte(Byte.toUnsignedInt(utf8.bytes()[i])));
        }
        return true;
    }
}
