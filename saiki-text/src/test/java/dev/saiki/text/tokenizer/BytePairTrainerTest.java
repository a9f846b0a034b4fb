package dev.saiki.text.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.corpus.RandomText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class BytePairTrainerTest {

    private static final int BASE = BytePairTrainer.SMALLEST_VOCABULARY;

    private static Tokenizer train(int vocabSize, String... texts) {
        return BytePairTrainer.train(List.of(texts).iterator(), vocabSize);
    }

    @Test
    void theMostFrequentPairIsMergedFirst() {
        // The example of the first paper on the method, as one word: aa, then aab or (aa, a) and so on by count.
        Tokenizer tokenizer = train(BASE + 3, "aaabdaaabac");
        assertThat(tokenizer.tokenText(BASE)).isEqualTo("aa");
        assertThat(tokenizer.tokenText(BASE + 1)).isEqualTo("ab");
        assertThat(tokenizer.tokenText(BASE + 2)).isEqualTo("aaab");
    }

    @Test
    void idsAreEndOfTextThenBytesThenMerges() {
        Tokenizer tokenizer = train(BASE + 1, "low low low");
        assertThat(tokenizer.endOfTextId()).isZero();
        assertThat(tokenizer.tokenText(0)).isEqualTo("<|endoftext|>");
        assertThat(tokenizer.tokenText(1)).isEqualTo("!");
        assertThat(tokenizer.tokenBytes(256)).containsExactly(0xAD);
        for (int id = 1; id <= 256; id++) {
            assertThat(tokenizer.tokenBytes(id)).hasSize(1);
        }
        assertThat(tokenizer.tokenBytes(BASE)).hasSize(2);
    }

    @Test
    void tiesGoToTheSmallerIds() {
        Tokenizer tokenizer = train(BASE + 2, "zy zy", "ab ab");
        assertThat(tokenizer.tokenText(BASE)).isEqualTo("ab");
        assertThat(tokenizer.tokenText(BASE + 1)).isEqualTo("zy");
    }

    @Test
    void mergesNeverCrossWords() {
        Tokenizer tokenizer = train(BASE + 200, "a b a b a b a b a b");
        for (int id = BASE; id < tokenizer.vocabSize(); id++) {
            assertThat(tokenizer.tokenText(id).strip()).hasSize(1);
        }
    }

    @Test
    void aSmallCorpusGivesASmallerVocabulary() {
        Tokenizer tokenizer = train(5_000, "one two two");
        assertThat(tokenizer.vocabSize()).isLessThan(BASE + 10);
        assertThat(tokenizer.decode(tokenizer.encode("anything"))).isEqualTo("anything");
    }

    @Test
    void theOrderOfTextsDoesNotMatter() {
        List<String> texts = new ArrayList<>();
        Random random = new Random(5);
        for (int i = 0; i < 200; i++) {
            texts.add(RandomText.unicode(random, 50));
        }
        String hash = BytePairTrainer.train(texts.iterator(), 600).hash();
        for (long seed = 0; seed < 5; seed++) {
            Collections.shuffle(texts, new Random(seed));
            assertThat(BytePairTrainer.train(texts.iterator(), 600).hash())
                    .as("seed %d", seed)
                    .isEqualTo(hash);
        }
    }

    @Test
    void mergesAreThoseOfCountingAllPairsAnewEachTime() {
        for (long seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 300; i++) {
                text.append((char) ('a' + random.nextInt(1 + (int) (seed % 5))));
                if (random.nextInt(6) == 0) {
                    text.append(' ');
                }
            }
            Tokenizer tokenizer = train(BASE + 60, text.toString());
            List<String> learned = new ArrayList<>();
            for (int id = BASE; id < tokenizer.vocabSize(); id++) {
                learned.add(tokenizer.tokenText(id));
            }
            assertThat(learned).as("seed %d", seed).isEqualTo(countAnew(text.toString(), 60));
        }
    }

    /// The method by its definition, without the trainer's shortcuts.
    private static List<String> countAnew(String text, int merges) {
        List<List<Integer>> words = new ArrayList<>();
        WordSplitter.split(text, 0, text.length(), (whole, from, to) -> {
            List<Integer> word = new ArrayList<>();
            for (byte value : whole.substring(from, to).getBytes(StandardCharsets.UTF_8)) {
                word.add(idOf(Byte.toUnsignedInt(value)));
            }
            words.add(word);
        });
        Map<Integer, String> spelling = new HashMap<>();
        for (int rank = 0; rank < 256; rank++) {
            spelling.put(1 + rank, Character.toString(ByteAlphabet.byteOfRank(rank)));
        }
        List<String> learned = new ArrayList<>();
        while (learned.size() < merges) {
            Map<Long, Integer> counts = new HashMap<>();
            for (List<Integer> word : words) {
                for (int i = 0; i + 1 < word.size(); i++) {
                    counts.merge(PairTable.pair(word.get(i), word.get(i + 1)), 1, Integer::sum);
                }
            }
            long best = -1;
            int most = 1;
            for (Map.Entry<Long, Integer> entry : counts.entrySet()) {
                boolean tie = entry.getValue() == most && best >= 0 && entry.getKey() < best;
                if (entry.getValue() > most || tie) {
                    best = entry.getKey();
                    most = entry.getValue();
                }
            }
            if (best < 0) {
                return learned;
            }
            int merged = BASE + learned.size();
            String text1 = spelling.get(PairTable.left(best)) + spelling.get(PairTable.right(best));
            spelling.put(merged, text1);
            learned.add(text1);
            for (List<Integer> word : words) {
                for (int i = 0; i + 1 < word.size(); i++) {
                    if (PairTable.pair(word.get(i), word.get(i + 1)) == best) {
                        word.set(i, merged);
                        word.subList(i + 1, i + 2).clear();
                    }
                }
            }
        }
        return learned;
    }

    private static int idOf(int value) {
        for (int rank = 0; rank < 256; rank++) {
            if (ByteAlphabet.byteOfRank(rank) == value) {
                return 1 + rank;
            }
        }
        throw new AssertionError(value);
    }

    @Test
    void aVocabularyWithoutRoomForTheBytesIsRefused() {
        assertThatThrownBy(() -> train(256, "text"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("vocab_size")
                .hasMessageContaining("257")
                .hasMessageContaining("got 256");
    }

    @Test
    void anEmptyCorpusIsRefused() {
        Corpus empty = Corpus.ofDocuments("nothing", List.of(new Document("a", "")));
        assertThatThrownBy(() -> BytePairTrainer.train(empty, 300))
                .isInstanceOf(InputException.class)
                .hasMessage("nothing: the corpus is empty; at least one document with text is needed");
    }
}
