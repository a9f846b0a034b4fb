package dev.saiki.text.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.GptBytePairEncodingParams;
import dev.saiki.io.InputException;
import dev.saiki.text.corpus.RandomText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TokenizerTest {

    @SuppressWarnings("NullAway.Init")
    private static Tokenizer tokenizer;

    @BeforeAll
    static void train() {
        tokenizer = Tokenizers.small();
    }

    @Test
    void everyValidTextComesBackAsItWas() {
        for (long seed = 0; seed < 2_000; seed++) {
            String text = RandomText.unicode(new Random(seed), 30);
            assertThat(tokenizer.decode(tokenizer.encode(text)))
                    .as("seed %d", seed)
                    .isEqualTo(text);
        }
    }

    @Test
    void everyCharacterComesBackAsItWas() {
        StringBuilder block = new StringBuilder();
        for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
            if (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE) {
                block.appendCodePoint(codePoint);
            }
            if ((codePoint & 0xFF) == 0xFF) {
                String text = block.toString();
                assertThat(tokenizer.decodeBytes(tokenizer.encode(text)))
                        .as("the characters up to U+%04X", codePoint)
                        .isEqualTo(text.getBytes(StandardCharsets.UTF_8));
                block.setLength(0);
            }
        }
    }

    @Test
    void aSurrogateWithoutPartnerBecomesTheReplacementCharacter() {
        assertThat(tokenizer.decode(tokenizer.encode("a\uD83Db"))).isEqualTo("a\uFFFDb");
        assertThat(tokenizer.decode(tokenizer.encode("\uDE42\uD83D"))).isEqualTo("\uFFFD\uFFFD");
        assertThat(tokenizer.decode(tokenizer.encode("\uD83D\uD83D\uDE42"))).isEqualTo("\uFFFD🙂");
        for (long seed = 0; seed < 500; seed++) {
            String text = RandomText.malformed(new Random(seed), 10);
            String expected = text.codePoints()
                    .map(c -> Character.getType(c) == Character.SURROGATE ? 0xFFFD : c)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString();
            assertThat(tokenizer.decode(tokenizer.encode(text)))
                    .as("seed %d", seed)
                    .isEqualTo(expected);
        }
    }

    @Test
    void theEmptyTextHasNoIds() {
        assertThat(tokenizer.encode("")).isEmpty();
        assertThat(tokenizer.encodeWithSpecials("")).isEmpty();
        assertThat(tokenizer.decode(new int[0])).isEmpty();
    }

    @Test
    void plainEncodingNeverProducesASpecialToken() {
        String forged = "end<|endoftext|>of text";
        assertThat(tokenizer.encode(forged)).doesNotContain(tokenizer.endOfTextId());
        assertThat(tokenizer.decode(tokenizer.encode(forged))).isEqualTo(forged);
        for (long seed = 0; seed < 500; seed++) {
            assertThat(tokenizer.encode(RandomText.unicode(new Random(seed), 40)))
                    .as("seed %d", seed)
                    .doesNotContain(tokenizer.endOfTextId());
        }
    }

    @Test
    void specialTokensAreReadWhenAsked() {
        int[] ids = tokenizer.encodeWithSpecials("<|endoftext|>the<|endoftext|>");
        assertThat(ids[0]).isZero();
        assertThat(ids[ids.length - 1]).isZero();
        assertThat(ids).hasSize(2 + tokenizer.encode("the").length);
        assertThat(tokenizer.decode(ids)).isEqualTo("<|endoftext|>the<|endoftext|>");
    }

    @Test
    void savingAndLoadingGivesTheSameTokenizer(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("tokenizer.json");
        tokenizer.save(file);
        Tokenizer loaded = Tokenizer.load(file);
        assertThat(loaded.hash()).isEqualTo(tokenizer.hash());
        assertThat(loaded.vocabSize()).isEqualTo(tokenizer.vocabSize());
        String text = RandomText.unicode(new Random(1), 500);
        assertThat(loaded.encode(text)).isEqualTo(tokenizer.encode(text));
    }

    @Test
    void mergesAreReadInBothSpellings() {
        String json = Tokenizers.json(tokenizer);
        String lists = Pattern.compile("\"([^\" ]+) ([^\" ]+)\"(,|\\s*\\])")
                .matcher(json)
                .replaceAll("[\"$1\", \"$2\"]$3");
        assertThat(lists).isNotEqualTo(json);
        Tokenizer other = Tokenizer.parse(lists.getBytes(StandardCharsets.UTF_8), "lists");
        String text = RandomText.unicode(new Random(2), 500);
        assertThat(other.encode(text)).isEqualTo(tokenizer.encode(text));
    }

    @Test
    void anotherLibraryWritesTheSameIds() {
        Encoding oracle = oracle();
        for (long seed = 0; seed < 3_000; seed++) {
            String text = RandomText.unicode(new Random(seed), 1 + (int) (seed % 80));
            assertThat(tokenizer.encode(text))
                    .as("seed %d", seed)
                    .isEqualTo(oracle.encodeOrdinary(text).toArray());
        }
    }

    /// jtokkit joins the neighbours whose concatenation is the token with the smallest id. So it is a reference
    /// for tokenizers in which later merges have larger ids, such as trained ones.
    @SuppressWarnings("UndefinedEquals") // jtokkit takes arrays as keys, and compares their bytes itself.
    private static Encoding oracle() {
        TokenizerModel model = TokenizerReader.read(tokenizer.json(), "trained");
        Map<byte[], Integer> ranks = new HashMap<>();
        for (int value = 0; value < ByteAlphabet.SIZE; value++) {
            ranks.put(new byte[] {(byte) value}, model.idOfByte(value));
        }
        for (int id : model.merges().results()) {
            ranks.put(model.bytes(id), id);
        }
        Pattern words = Pattern.compile(WordPatterns.GPT_2, Pattern.UNICODE_CHARACTER_CLASS);
        return Encodings.newLazyEncodingRegistry()
                .registerGptBytePairEncoding(new GptBytePairEncodingParams("saiki", words, ranks, Map.of()))
                .getEncoding("saiki")
                .orElseThrow();
    }

    @Test
    void longWordsAreMergedAsShortOnes() {
        Encoding oracle = oracle();
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            StringBuilder word = new StringBuilder();
            int length = 60 + random.nextInt(700);
            while (word.length() < length) {
                word.append("etaoinsh".charAt(random.nextInt(8)));
            }
            assertThat(tokenizer.encode(word.toString()))
                    .as("seed %d", seed)
                    .isEqualTo(oracle.encodeOrdinary(word.toString()).toArray());
        }
    }

    @Test
    void halfAMillionLettersWithoutASpaceAreEncodedInReasonableTime() {
        String word = "abcde".repeat(100_000);
        Assertions.assertTimeout(
                Duration.ofSeconds(20),
                () -> assertThat(tokenizer.decode(tokenizer.encode(word))).isEqualTo(word));
    }

    @Test
    void mergesAreAppliedInTheOrderOfTheirRanks() {
        // "abc" is a token by (ab, c), but its own bytes give a + bc, as (b, c) is merged before (a, b).
        String json = Tokenizers.json(List.of("b c", "a b", "ab c"));
        Tokenizer odd = Tokenizer.parse(json.getBytes(StandardCharsets.UTF_8), "odd");
        assertThat(odd.encode("abc")).hasSize(2);
    }

    @Test
    void anIdOutsideTheVocabularyIsRefused() {
        assertThatThrownBy(() -> tokenizer.decode(new int[] {1, tokenizer.vocabSize()}))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("got " + tokenizer.vocabSize());
        assertThatThrownBy(() -> tokenizer.decode(new int[] {-1})).isInstanceOf(InputException.class);
    }

    @Test
    void aMissingFileIsNamed(@TempDir Path folder) {
        Path file = folder.resolve("none.json");
        assertThatThrownBy(() -> Tokenizer.load(file))
                .isInstanceOf(InputException.class)
                .hasMessage(file + ": no such file");
        assertThatThrownBy(() -> Tokenizer.load(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must be a file");
    }
}
