package dev.saiki.text.tokenizer;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The content of a `tokenizer.json`, checked and with bytes in place of spellings.
final class TokenizerModel {

    private static final int UNKNOWN = -1;

    private final List<byte[]> tokens;
    private final List<AddedToken> added;
    private final int[] idOfByte = new int[ByteAlphabet.SIZE];
    private final Map<ByteBuffer, Integer> idOfWord;
    private final long[] mergePairs;
    private final int[] mergeResults;
    private final boolean ignoreMerges;
    private final boolean composes;
    private final PreTokenizer preTokenizer;

    /// @param tokens the bytes of each token by id; those of added tokens are their content in UTF-8
    /// @param added the added tokens
    /// @param idOfBytes the ids of all tokens that are not added
    /// @param mergePairs the merges by rank, see {@link PairTable#pair}
    /// @param mergeResults the token that each merge makes
    /// @param ignoreMerges whether a word that is a token as a whole becomes that token at once
    /// @param composes whether text is brought into Unicode's composed form (NFC) first
    /// @param preTokenizer how text is cut into words
    TokenizerModel(
            List<byte[]> tokens,
            List<AddedToken> added,
            Map<ByteBuffer, Integer> idOfBytes,
            long[] mergePairs,
            int[] mergeResults,
            boolean ignoreMerges,
            boolean composes,
            PreTokenizer preTokenizer) {
        this.tokens = List.copyOf(tokens);
        this.added = List.copyOf(added);
        this.idOfWord = ignoreMerges ? new HashMap<>(idOfBytes) : Map.of();
        this.mergePairs = mergePairs.clone();
        this.mergeResults = mergeResults.clone();
        this.ignoreMerges = ignoreMerges;
        this.composes = composes;
        this.preTokenizer = preTokenizer;
        for (int value = 0; value < idOfByte.length; value++) {
            idOfByte[value] = idOfBytes.getOrDefault(ByteBuffer.wrap(new byte[] {(byte) value}), UNKNOWN);
        }
    }

    int size() {
        return tokens.size();
    }

    /// The bytes of a token; not to be changed.
    byte[] bytes(int id) {
        return tokens.get(id);
    }

    List<AddedToken> added() {
        return added;
    }

    int idOfByte(int value) {
        return idOfByte[value];
    }

    /// The token, not an added one, that a word becomes as a whole; -1 if there is none or {@link #ignoreMerges} is
    /// false.
    int idOfWord(byte[] bytes) {
        return idOfWord.getOrDefault(ByteBuffer.wrap(bytes), UNKNOWN);
    }

    int mergeCount() {
        return mergePairs.length;
    }

    long mergePair(int rank) {
        return mergePairs[rank];
    }

    int mergeResult(int rank) {
        return mergeResults[rank];
    }

    boolean ignoreMerges() {
        return ignoreMerges;
    }

    boolean composes() {
        return composes;
    }

    PreTokenizer preTokenizer() {
        return preTokenizer;
    }
}
