package dev.saiki.text.tokenizer;

import java.util.Arrays;

/// An encoder that merges the bytes of words, see {@link MergeTable}.
final class MergeEncoder implements TextEncoder {

    private final TokenizerModel model;
    private final PreTokenizer preTokenizer;
    private final MergeTable merges;
    private final int[] idOfByte = new int[ByteAlphabet.SIZE];
    private final boolean hasAllBytes;

    MergeEncoder(TokenizerModel model) {
        this.model = model;
        preTokenizer = model.stages().preTokenizer();
        merges = new MergeTable(model);
        Arrays.setAll(idOfByte, model::idOfByte);
        hasAllBytes = Arrays.stream(idOfByte).allMatch(id -> id >= 0);
    }

    @Override
    public void encode(String text, IntSequence output) {
        Utf8 utf8 = new Utf8();
        preTokenizer.split(text, 0, text.length(), (source, from, to) -> {
            utf8.encode(source, from, to);
            encodeWord(utf8.bytes(), utf8.length(), output);
        });
    }

    private void encodeWord(byte[] bytes, int length, IntSequence output) {
        if (model.merges().ignored()) {
            int whole = model.idOfWord(Arrays.copyOf(bytes, length));
            if (whole >= 0) {
                output.add(whole);
                return;
            }
        }
        int[] ids = new int[length];
        for (int i = 0; i < length; i++) {
            ids[i] = idOfByte[Byte.toUnsignedInt(bytes[i])];
        }
        ids = hasAllBytes ? ids : model.unknown().fill(ids);
        int left = merges.merge(ids);
        for (int i = 0; i < left; i++) {
            output.add(ids[i]);
        }
    }
}
