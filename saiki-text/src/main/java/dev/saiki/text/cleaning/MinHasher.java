package dev.saiki.text.cleaning;

import dev.saiki.text.hash.SplitMix64;
import java.util.Arrays;
import java.util.Optional;

/// A maker of {@link DocumentSketch}es by MinHash with banding.
///
/// A text is treated as the set of its runs of {@value #SHINGLE_WORDS} words ("shingles"), ignoring case and
/// everything between the words. For each of {@value #HASHES} hash functions the smallest value over the set is
/// kept: two texts agree in a kept value with a probability equal to the Jaccard similarity J of their sets
/// (Broder, On the Resemblance and Containment of Documents, 1997). Values are grouped into {@value #BANDS} bands
/// of {@value #ROWS}, so that two texts agree in at least one whole band with probability 1 − (1 − J⁸)¹⁴: 0.77 at
/// J = 0.75, 0.92 at 0.8, 0.9996 at 0.9, and 0.004 at 0.36. The signature has only the lowest byte of each
/// value (Li and König, b-Bit Minwise Hashing, WWW 2010).
///
/// In Han, Hiragana and Katakana, which are written without spaces, each character is a word.
///
/// Alternatives considered: Spark's MinHashLSH runs only in Spark, and its join returns pairs in no fixed order,
/// but a single machine must find the same documents as a cluster. java-lsh builds a set of boxed numbers for each
/// document and draws its hash functions from a generator whose contract does not fix the sequence.
public final class MinHasher {

    /// The number of words in a shingle.
    static final int SHINGLE_WORDS = 5;

    /// The number of bands.
    public static final int BANDS = 14;

    static final int ROWS = 8;
    static final int HASHES = BANDS * ROWS;

    private static final long SEED = 0x5341_494B_494D_4831L;
    private static final int FIRST_UNSPACED = 0x2E80;

    private final long[] factors = new long[HASHES];
    private final long[] offsets = new long[HASHES];

    /// Generates the hash functions from a fixed seed.
    public MinHasher() {
        for (int i = 0; i < HASHES; i++) {
            factors[i] = SplitMix64.mix(SEED, 2L * i) | 1;
            offsets[i] = SplitMix64.mix(SEED, 2L * i + 1);
        }
    }

    /// Computes the sketch of a text.
    ///
    /// @param text the whole text
    /// @return the sketch; empty if the text has no words and so resembles no other text
    public Optional<DocumentSketch> sketch(String text) {
        int[] smallest = new int[HASHES];
        Arrays.fill(smallest, Integer.MAX_VALUE);
        Shingles shingles = new Shingles(smallest);
        int at = 0;
        while (at < text.length()) {
            int codePoint = text.codePointAt(at);
            at += Character.charCount(codePoint);
            shingles.take(codePoint);
        }
        return shingles.end() ? Optional.of(sketch(smallest)) : Optional.empty();
    }

    private static DocumentSketch sketch(int[] smallest) {
        long[] bands = new long[BANDS];
        byte[] signature = new byte[HASHES];
        for (int i = 0; i < HASHES; i++) {
            bands[i / ROWS] = SplitMix64.mix(bands[i / ROWS], smallest[i]);
            signature[i] = (byte) smallest[i];
        }
        return new DocumentSketch(bands, signature);
    }

    private static boolean isUnspaced(int codePoint) {
        if (codePoint < FIRST_UNSPACED) {
            return false;
        }
        return switch (Character.UnicodeScript.of(codePoint)) {
            case HAN, HIRAGANA, KATAKANA -> true;
            default -> false;
        };
    }

    /// The state while reading a text: its last words, and the smallest hashes of its shingles.
    private final class Shingles {

        private static final long BASE = 0x9E37_79B9_7F4A_7C15L;

        private final int[] smallest;
        private final long[] words = new long[SHINGLE_WORDS];
        private long word;
        private boolean inWord;
        private long count;

        Shingles(int[] smallest) {
            this.smallest = smallest;
        }

        void take(int codePoint) {
            if (isUnspaced(codePoint)) {
                endWord();
                word = codePoint;
                inWord = true;
                endWord();
            } else if (Character.isLetterOrDigit(codePoint)) {
                word = word * BASE + Character.toLowerCase(codePoint);
                inWord = true;
            } else {
                endWord();
            }
        }

        private void endWord() {
            if (inWord) {
                words[(int) (count % SHINGLE_WORDS)] = SplitMix64.mix(word);
                count++;
                word = 0;
                inWord = false;
                if (count >= SHINGLE_WORDS) {
                    addShingle();
                }
            }
        }

        /// Ends the text; if the text has fewer words than a shingle, the whole text becomes one shingle.
        boolean end() {
            endWord();
            if (count > 0 && count < SHINGLE_WORDS) {
                addShingle();
            }
            return count > 0;
        }

        private void addShingle() {
            long shingle = 0;
            for (int i = 0; i < SHINGLE_WORDS; i++) {
                shingle = shingle * BASE + words[(int) ((count + i) % SHINGLE_WORDS)];
            }
            long mixed = SplitMix64.mix(shingle);
            for (int i = 0; i < HASHES; i++) {
                smallest[i] = Math.min(smallest[i], (int) ((mixed * factors[i] + offsets[i]) >>> Integer.SIZE));
            }
        }
    }
}
