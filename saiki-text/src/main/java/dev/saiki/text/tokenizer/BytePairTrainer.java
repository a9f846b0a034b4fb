package dev.saiki.text.tokenizer;

import dev.saiki.io.InputException;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import java.util.Iterator;
import java.util.stream.Stream;

/// A trainer that learns a byte-level BPE tokenizer from text.
///
/// **What is learned.** Byte-pair encoding was a compression method; Sennrich, Haddow and Birch [1] made it the
/// usual way of choosing subword units: begin with characters and repeatedly merge the most frequent pair of
/// neighbours. GPT-2 [2] begins with the 256 bytes instead, so that every text can be encoded without an unknown
/// token. Merges never cross the boundaries of words, which GPT-2's rule determines. Training therefore needs only
/// a table of the distinct words with their counts, which for prose has a hundredth of the text's size.
///
/// **How.** Recounting all pairs after each merge would take time proportional to merges × corpus. A merge changes
/// only the words that contain its pair, and in them only the pairs next to it. So three structures are kept: a
/// count for each pair; for each pair the list of words that may contain it; and a heap of pairs by count. Each
/// merge takes the best pair from the heap, rewrites the words in that pair's list, and updates the counts of the
/// changed neighbours. Two shortcuts keep merging cheap:
///
/// - *The lists may be stale.* A word is added to a pair's list when the pair first occurs in it and is never
///   removed; a word that has since lost the pair costs one wasted read.
/// - *The heap may be stale.* Counts of known pairs can only fall: a pair gains occurrences only from the merge
///   that creates one of its tokens. An entry stores the pair's count when pushed; an entry whose count is too
///   high when popped is pushed again with the true count. New pairs are pushed after their merge, when their
///   counts are complete.
///
/// **Ties** go to the pair with the smaller left id, then the smaller right id. Since the word table does not
/// depend on order, the result depends only on the text, not on thread timing or the order of documents.
///
/// **Ids.** 0 is the end-of-text token, 1 to 256 are the bytes in the order of their stand-ins in
/// `tokenizer.json`, and merges follow in the order they were found, as Hugging Face's trainer numbers them. In
/// this numbering a smaller id always means an earlier merge.
///
/// **Stopping.** Training ends at the requested size, or earlier when no pair occurs at least
/// {@value PairMerger#SMALLEST_COUNT} times, because a merge that occurs once does not generalise. A small corpus
/// may therefore give a smaller vocabulary.
///
/// [1] R. Sennrich, B. Haddow, A. Birch: Neural Machine Translation of Rare Words with Subword Units. ACL 2016,
/// arXiv:1508.07909. [2] A. Radford, J. Wu, R. Child, D. Luan, D. Amodei, I. Sutskever: Language Models are
/// Unsupervised Multitask Learners. OpenAI 2019, section 2.2.
public final class BytePairTrainer {

    /// The smallest vocabulary: the end-of-text token and the bytes.
    public static final int SMALLEST_VOCABULARY = 1 + ByteAlphabet.SIZE;

    private BytePairTrainer() {}

    /// Trains on all documents of a corpus.
    ///
    /// @param corpus the text
    /// @param vocabSize the requested number of tokens, at least {@value #SMALLEST_VOCABULARY}
    /// @return the tokenizer; its vocabulary is smaller than requested if the text has too few repeated pairs
    /// @throws InputException if the size is out of range, or the corpus is empty or cannot be read
    public static Tokenizer train(Corpus corpus, int vocabSize) {
        try (Stream<Document> documents = corpus.documents()) {
            return train(documents.map(Document::text).iterator(), vocabSize);
        }
    }

    /// Trains on texts, where no word continues from one text to the next.
    ///
    /// @param texts the texts, processed one at a time and not kept
    /// @param vocabSize the requested number of tokens, at least {@value #SMALLEST_VOCABULARY}
    /// @return the tokenizer; its vocabulary is smaller than requested if the text has too few repeated pairs
    /// @throws InputException if the size is out of range
    public static Tokenizer train(Iterator<String> texts, int vocabSize) {
        requireSize(vocabSize);
        return train(WordCounter.count(texts), vocabSize);
    }

    private static void requireSize(int vocabSize) {
        InputException.requireBetween(
                "tokenizer: vocab_size", vocabSize, SMALLEST_VOCABULARY, Tokenizer.MAX_VOCABULARY);
    }

    /// Trains on counted words, whose order does not matter.
    ///
    /// @param words the words with their counts
    /// @param vocabSize the requested number of tokens, at least {@value #SMALLEST_VOCABULARY}
    /// @return the tokenizer; its vocabulary is smaller than requested if the text has too few repeated pairs
    /// @throws InputException if the size is out of range
    public static Tokenizer train(WordCounts words, int vocabSize) {
        requireSize(vocabSize);
        PairMerger merger = new PairMerger(words);
        merger.mergeUntil(vocabSize);
        return Tokenizer.trained(merger.merges());
    }
}
