package dev.saiki.text.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.io.InputException;
import dev.saiki.text.corpus.Mutations;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Every `tokenizer.json` is read or refused with an {@link InputException}, whatever it contains.
final class TokenizerFuzzTest {

    private static final List<byte[]> FILES = List.of(
            Tokenizers.json(List.of("a b", "ab c", "t h", "th e")).getBytes(StandardCharsets.UTF_8),
            PieceTokenizerTest.llama(),
            PieceTokenizerTest.unigram());

    private static final List<String> TOKENS = List.of(
            "null",
            "true",
            "-1",
            "0",
            "1e999",
            "2147483648",
            "99999999999999999999",
            "\"\"",
            "\"a b\"",
            "{}",
            "[]",
            "[[[[",
            "\"\\ud800\"",
            "\"Ġ\"",
            "{\"type\":\"ByteLevel\"}",
            "\"<|endoftext|>\"",
            "258",
            ",",
            ":",
            "}");

    @Test
    void mutatedFilesAreReadOrRefused() {
        fuzz(0, 3_000);
    }

    @Test
    @Tag("slow")
    void manyMutatedFilesAreReadOrRefused() {
        fuzz(1_000_000, 200_000);
    }

    private static void fuzz(long firstSeed, int rounds) {
        int read = 0;
        for (long seed = firstSeed; seed < firstSeed + rounds; seed++) {
            Random random = new Random(seed);
            int file = (int) (seed % FILES.size());
            byte[] valid = FILES.get(file);
            byte[] mutated = random.nextBoolean() ? Mutations.bytes(valid, random) : tokens(valid, random);
            if (survives(mutated, seed, file == 0)) {
                read++;
            }
        }
        assertThat(read).as("some mutations are harmless").isBetween(1, rounds - 1);
    }

    private static boolean survives(byte[] json, long seed, boolean ofBytes) {
        try {
            Tokenizer tokenizer = Tokenizer.parse(json, "fuzzed");
            String text = "the abc 🙂 ab";
            String back = tokenizer.decode(tokenizer.encode(text));
            // A file of bytes may ask for a space before every text, one of pieces for much that changes it.
            if (ofBytes) {
                assertThat(back).as("seed %d", seed).isIn(text, " " + text);
            }
            return true;
        } catch (InputException refused) {
            return false;
        } catch (RuntimeException | Error e) {
            throw new AssertionError("seed " + seed + " broke the reader", e);
        }
    }

    /// Replaces a piece of JSON, from one structural character to another, by another piece.
    private static byte[] tokens(byte[] valid, Random random) {
        String json = new String(valid, StandardCharsets.UTF_8);
        for (int change = random.nextInt(3); change >= 0; change--) {
            int from = structural(json, random.nextInt(json.length()));
            int to = structural(json, from + 1);
            json = json.substring(0, from) + TOKENS.get(random.nextInt(TOKENS.size())) + json.substring(to);
        }
        return json.getBytes(StandardCharsets.UTF_8);
    }

    private static int structural(String json, int from) {
        for (int i = from; i < json.length(); i++) {
            if (":,[]{}".indexOf(json.charAt(i)) >= 0) {
                return i + (json.charAt(i) == ':' ? 1 : 0);
            }
        }
        return json.length();
    }
}
