package dev.saiki.text.cleaning;

import java.io.Serializable;

/// A short sketch of a text, by which near-duplicates are found without comparing all pairs.
///
/// @param bands one number for each band of MinHash values; two near-duplicates probably have at least one of
///     these numbers in common
/// @param signature the lowest byte of each MinHash value, for estimates of similarity
@SuppressWarnings("ArrayRecordComponent") // Sketches are not compared by equals, and a list would box bytes.
public record DocumentSketch(long[] bands, byte[] signature) implements Serializable {

    /// The chance that two different MinHash values have the same lowest byte.
    private static final double CHANCE = 1.0 / 256;

    /// Estimates the similarity of two texts.
    ///
    /// @param first the signature of one text
    /// @param second the signature of the other text
    /// @return the estimated Jaccard similarity of the two sets of shingles; at most 1, and possibly slightly
    ///     below 0
    public static double similarity(byte[] first, byte[] second) {
        int same = 0;
        for (int i = 0; i < first.length; i++) {
            same += first[i] == second[i] ? 1 : 0;
        }
        return ((double) same / first.length - CHANCE) / (1 - CHANCE);
    }
}
