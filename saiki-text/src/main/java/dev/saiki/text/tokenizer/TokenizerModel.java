package dev.saiki.text.tokenizer;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The checked content of a `tokenizer.json`, with spellings converted to bytes.
final class TokenizerModel {

    /// The vocabulary of a tokenizer.
    ///
    /// @param tokens the bytes of each token by id; for added tokens, their content in UTF-8
    /// @param added the added tokens
    /// @param unknown the token for what the vocabulary lacks
    /// @param idOfBytes the ids of all tokens other than added tokens, by their bytes; for byte-level BPE
    /// @param pieces the tokens before merging, for a SentencePiece-style tokenizer; empty for byte-level BPE
    /// @param scored the tokens with their scores, for Unigram
    record Vocabulary(
            List<byte[]> tokens,
            List<AddedToken> added,
            UnknownToken unknown,
            Map<ByteBuffer, Integer> idOfBytes,
            Optional<PieceAlphabet> pieces,
            Optional<ScoredPieces> scored) {}

    /// The merges of a tokenizer.
    ///
    /// @param pairs the merges by rank, see {@link PairTable#pair}
    /// @param results the token that each merge creates
    /// @param ignored whether a word that is itself a token is encoded as that token without merging
    @SuppressWarnings("ArrayRecordComponent") // The arrays are long and never compared.
    record Merges(long[] pairs, int[] results, boolean ignored) {}

    /// The stages before and after the merges.
    ///
    /// @param normalizer the normalisation of a text
    /// @param preTokenizer the splitting into words
    /// @param prefix the ids before a prompt
    /// @param stripsSpace whether decoding removes the space at the beginning of a text
    record Stages(TextNormalizer normalizer, PreTokenizer preTokenizer, List<Integer> prefix, boolean stripsSpace) {}

    private final List<byte[]> tokens;
    private final List<AddedToken> added;
    private final UnknownToken unknown;
    private final int[] idOfByte = new int[ByteAlphabet.SIZE];
    private final Map<ByteBuffer, Integer> idOfWord;
    private final Optional<PieceAlphabet> pieces;
    private final Optional<ScoredPieces> scored;
    private final Merges merges;
    private final Stages stages;

    TokenizerModel(Vocabulary vocabulary, Merges merges, Stages stages) {
        this.tokens = List.copyOf(vocabulary.tokens());
        this.added = List.copyOf(vocabulary.added());
        this.unknown = vocabulary.unknown();
        this.pieces = vocabulary.pieces();
        this.scored = vocabulary.scored();
        this.idOfWord = merges.ignored() ? new HashMap<>(vocabulary.idOfBytes()) : Map.of();
        this.merges = merges;
        this.stages = stages;
        for (int value = 0; value < idOfByte.length; value++) {
            idOfByte[value] = vocabulary
                    .idOfBytes()
                    .getOrDefault(ByteBuffer.wrap(new byte[] {(byte) value}), UnknownToken.ABSENT);
        }
    }

    int size() {
        return tokens.size();
    }

    /// The bytes of a token, which callers must not change.
    byte[] bytes(int id) {
        return tokens.get(id);
    }

    List<AddedToken> added() {
        return added;
    }

    UnknownToken unknown() {
        return unknown;
    }

    /// The token of a byte; {@link UnknownToken#ABSENT} if there is none.
    int idOfByte(int value) {
        return idOfByte[value];
    }

    /// The tokens of a text before merging, if the tokenizer is SentencePiece-style.
    Optional<PieceAlphabet> pieces() {
        return pieces;
    }

    /// The tokens with their scores, if the tokenizer is Unigram.
    Optional<ScoredPieces> scored() {
        return scored;
    }

    /// The token for a whole word, not counting added tokens; -1 if there is no such token or
    /// {@link Merges#ignored} is false.
    int idOfWord(byte[] bytes) {
        return idOfWord.getOrDefault(ByteBuffer.wrap(bytes), UnknownToken.ABSENT);
    }

    Merges merges() {
        return merges;
    }

    Stages stages() {
        return stages;
    }
}
