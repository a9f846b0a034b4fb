package dev.saiki.study.pilot;

import dev.saiki.io.InputException;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.tokenizer.BytePairTrainer;
import java.util.Optional;
import java.util.stream.Stream;

/// The size of a corpus, and its division for a pilot.
///
/// @param documents the corpus's documents
/// @param characters characters in the documents
record CorpusSize(long documents, long characters) {

    /// Minimum number of characters: with fewer, neither a vocabulary nor held-out documents would be meaningful.
    private static final long MIN_CHARACTERS = 100_000;

    /// With at least this number of documents, all are left whole, since enough whole documents can be held out.
    private static final long MANY_DOCUMENTS = 500;

    /// Minimum number of pieces: with fewer, even the largest held-out share would not suffice for reporting and
    /// tuning.
    private static final long MIN_PIECES = 24;

    private static final int MIN_PIECE = 2000;
    private static final int MAX_PIECE = 30_000;

    /// Number of characters to hold out, as far as the minimum and maximum shares below allow.
    private static final double MAX_HELD_OUT = 1.3e6;

    private static final double MAX_HELD_OUT_SHARE = 0.08;
    private static final double MIN_HELD_OUT_SHARE = 0.01;

    /// Minimum number of pieces to hold out, even if they are a large share of a short text.
    private static final double MIN_HELD_OUT = 16;

    private static final double MAX_SHARE_OF_SHORT_TEXTS = 0.3;

    /// Minimum number of characters of text per token of the vocabulary: with fewer, tokens are too rare to be
    /// learnt.
    private static final long CHARACTERS_PER_TOKEN = 256;

    /// Measures a corpus.
    ///
    /// @throws InputException if the corpus is too small for a pilot
    static CorpusSize of(Corpus corpus) {
        long documents = 0;
        long characters = 0;
        try (Stream<Document> all = corpus.documents()) {
            for (Document document : (Iterable<Document>) all::iterator) {
                documents++;
                characters += document.text().length();
            }
        }
        if (characters < MIN_CHARACTERS) {
            throw new InputException("the corpus is too small for a pilot: " + corpus.name() + " has " + characters
                    + " characters, and at least " + MIN_CHARACTERS
                    + " are needed; ten megabytes or more give a useful result");
        }
        CorpusSize size = new CorpusSize(documents, characters);
        size.requirePieces(corpus);
        return size;
    }

    /// Rejects a corpus that yields too few pieces: text is cut only at line ends, so a file of one long line
    /// remains one document.
    private void requirePieces(Corpus corpus) {
        Optional<Integer> length = pieceCharacters();
        if (length.isEmpty()) {
            return;
        }
        try (Stream<Document> pieces = corpus.inPieces(length.get()).documents()) {
            long found = pieces.limit(MIN_PIECES).count();
            if (found < MIN_PIECES) {
                throw new InputException("the corpus has too few separate passages for a pilot: " + corpus.name()
                        + ", cut at line ends, has " + found + ", but at least " + MIN_PIECES
                        + " are needed; break long lines, or add files");
            }
        }
    }

    /// The length of the pieces into which documents are cut; absent if documents are not cut.
    Optional<Integer> pieceCharacters() {
        return documents >= MANY_DOCUMENTS
                ? Optional.empty()
                : Optional.of(Math.clamp(characters / MANY_DOCUMENTS, MIN_PIECE, MAX_PIECE));
    }

    /// The share of the text that is held out.
    double heldOutShare() {
        double pieces =
                pieceCharacters().map(length -> (double) characters / length).orElse((double) documents);
        double share = Math.clamp(MAX_HELD_OUT / characters, MIN_HELD_OUT_SHARE, MAX_HELD_OUT_SHARE);
        share = Math.max(share, Math.min(MIN_HELD_OUT / pieces, MAX_SHARE_OF_SHORT_TEXTS));
        return Math.rint(1000 * share) / 1000;
    }

    /// The number of tokens in the vocabulary.
    ///
    /// @param wanted the vocabulary size for a text of sufficient length
    int vocabSize(int wanted) {
        return Math.clamp(characters / CHARACTERS_PER_TOKEN, BytePairTrainer.SMALLEST_VOCABULARY, wanted);
    }
}
