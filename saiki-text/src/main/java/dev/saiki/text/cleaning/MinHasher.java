package dev.saiki.text.cleaning;

import dev.saiki.text.hash.SplitMix64;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongConsumer;

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
        boolean[] any = new boolean[1];
        LongConsumer shingles = shingle -> {
            any[0] = true;
            for (int i = 0; i < HASHES; i++) {
                smallest[i] = Math.min(smallest[i], (int) ((shingle * factors[i] + offsets[i]) >>> Integer.SIZE));
            }
        };
        WordGrams.read(text, SHINGLE_WORDS, shingles).ifPresent(shingles);
        return any[0] ? Optional.of(sketch(smallest)) : Optional.empty();
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
}
