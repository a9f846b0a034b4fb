package dev.saiki.text.tokenizer;

import dev.saiki.io.InputException;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import java.util.Iterator;
import java.util.stream.Stream;

/// A trainer that learns a byte-level BPE tokenizer from text.
///
/// **What is learned.** Byte-pair encoding was a compression method; Sennrich, Haddow and Birch [1] made it the
/// usual way of choosing subword units: begin with characters and, again and again, merge the pair of neighbours
/// that is most frequent. GPT-2 [2] begins with the 256 bytes instead, so that every text can be encoded and none
/// needs an unknown token. Merges never cross the border of a word, where words are cut by GPT-2's rule; so the
/// text is needed only as a table of distinct words with their counts, which for prose is a hundredth of its
/// size.
///
/// **How.** Recounting all pairs after each merge would cost (merges × corpus). A merge changes only the words
/// that contain its pair, and in them only the pairs next to it. So three things are kept: a count for each pair;
/// for each pair the list of words that may contain it; and a heap of pairs by count. A merge takes the best pair
/// from the heap, rewrites the words of its list, and moves the counts of the neighbours it touched. Two
/// shortcuts keep this cheap:
///
/// - *The lists may be stale.* A word is put on a pair's list when the pair comes into being and is never taken
///   off; a word that has lost the pair since is read once for nothing.
/// - *The heap may be stale.* Counts of known pairs can only fall: a pair gains occurrences only from the merge
///   that makes one of its tokens. An entry remembers the count it was pushed with; if that is too high when it
///   comes up, it is pushed again with the true count. New pairs are pushed after their merge, when their counts
///   are complete.
///
/// **Ties** go to the pair with the smaller left id, then the smaller right id. Together with the order-free word
/// table this makes the result a function of the text alone: not of thread timing, nor of the order of documents.
///
/// **Ids.** 0 is the end-of-text token, 1 to 256 are the bytes in the order of their stand-ins in `tokenizer.json`,
/// and merges follow in the order they were found, as Hugging Face's trainer numbers them. In this numbering a
/// smaller id is always an earlier merge, on which the fast encoder relies.
///
/// **Stopping.** Training ends at the wanted size, or earlier when no pair occurs {@value
/// PairMerger#SMALLEST_COUNT} times: a merge that happened once generalises to nothing. A small corpus may thus
/// give a smaller vocabulary.
///
/// [1] R. Sennrich, B. Haddow, A. Birch: Neural Machine Translation of Rare Words with Subword Units. ACL 2016,
/// arXiv:1508.07909. [2] A. Radford, J. Wu, R. Child, D. Luan, D. Amodei, I. Sutskever: Language Models are
/// Unsupervised Multitask Learners. OpenAI 2019, section 2.2.
public final class BytePairTrainer {

    /// The smallest vocabulary: the end-of-text token and the bytes.
    public static final int SMALLEST_VOCABULARY = 1 + ByteAlphabet.SIZE;

    private BytePairTrainer() {}

    /// Learns from all documents of a corpus.
    ///
    /// @param corpus the text
    /// @param vocabSize the number of tokens wanted, at least {@value #SMALLEST_VOCABULARY}
    /// @return the tokenizer; its vocabulary is smaller than wanted if the text has too few repeated pairs
    /// @throws InputException if the size is out of range, or the corpus is empty or cannot be read
    public static Tokenizer train(Corpus corpus, int vocabSize) {
        try (Stream<Document> documents = corpus.documents()) {
            return train(documents.map(Document::text).iterator(), vocabSize);
        }
    }

    /// Learns from texts, each of which begins and ends a word.
    ///
    /// @param texts the texts; they are taken one after the other and not kept
    /// @param vocabSize the number of tokens wanted, at least {@value #SMALLEST_VOCABULARY}
    /// @return the tokenizer; its vocabulary is smaller than wanted if the text has too few repeated pairs
    /// @throws InputException if the size is out of range
    public static Tokenizer train(Iterator<String> texts, int vocabSize) {
        requireSize(vocabSize);
        return train(WordCounter.count(texts), vocabSize);
    }

    private static void requireSize(int vocabSize) {
        if (vocabSize < SMALLEST_VOCABULARY || vocabSize > Tokenizer.MAX_VOCABULARY) {
            throw InputException.of(
                    "tokenizer",
                    "vocab_size",
                    "from " + SMALLEST_VOCABULARY + " to " + Tokenizer.MAX_VOCABULARY,
                    vocabSize);
        }
    }

    /// Learns from counted words, whose order does not matter.
    ///
    /// @param words the words with their counts
    /// @param vocabSize the number of tokens wanted, at least {@value #SMALLEST_VOCABULARY}
    /// @return the tokenizer; its vocabulary is smaller than wanted if the text has too few repeated pairs
    /// @throws InputException if the size is out of range
    public static Tokenizer train(WordCounts words, int vocabSize) {
        requireSize(vocabSize);
        PairMerger merger = new PairMerger(words);
        merger.mergeUntil(vocabSize);
        return Tokenizer.trained(merger.merges());
    }
}
