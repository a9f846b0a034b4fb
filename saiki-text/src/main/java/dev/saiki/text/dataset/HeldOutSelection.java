package dev.saiki.text.dataset;

import dev.saiki.text.hash.SplitMix64;
import java.util.Arrays;
import java.util.BitSet;

/// The choice of held-out documents.
///
/// Documents are sorted by a hash of the seed and their text. In this order, each document is held out together
/// with its copies if that brings the held-out tokens closer to the requested share, and is skipped otherwise.
/// Therefore the choice does not depend on file locations, and copies of a text, which are adjacent in this order,
/// are all in the same split.
final class HeldOutSelection {

    /// The share of the requested tokens at which the selection stops.
    private static final double NEAR = 0.98;

    private HeldOutSelection() {}

    /// Chooses the held-out documents.
    ///
    /// @param tokens the number of tokens of each document; at least two documents
    /// @param hashes a hash of the text of each document
    /// @param fraction the requested share of tokens, at most 0.5
    /// @param seed the seed of the choice
    /// @return the held-out documents: at least one, but not all
    static BitSet choose(LongSequence tokens, LongSequence hashes, double fraction, long seed) {
        long[] order = order(hashes, seed);
        double wanted = fraction * tokens.sum();
        double held = 0;
        BitSet chosen = new BitSet(order.length);
        int smallest = -1;
        long smallestTokens = Long.MAX_VALUE;
        int start = 0;
        while (start < order.length && held < NEAR * wanted) {
            int end = endOfGroup(order, start);
            long group = 0;
            for (int i = start; i < end; i++) {
                group += tokens.get((int) order[i]);
            }
            if (group < 2 * (wanted - held)) {
                held += group;
                choose(order, start, end, chosen);
            }
            if (group < smallestTokens) {
                smallestTokens = group;
                smallest = start;
            }
            start = end;
        }
        if (chosen.isEmpty()) {
            int end = endOfGroup(order, smallest);
            choose(order, smallest, end == order.length && smallest == 0 ? 1 : end, chosen);
        }
        return chosen;
    }

    private static void choose(long[] order, int start, int end, BitSet chosen) {
        for (int i = start; i < end; i++) {
            chosen.set((int) order[i]);
        }
    }

    /// Returns the documents sorted by hash: the upper half of each number is the hash, the lower half the
    /// document number.
    private static long[] order(LongSequence hashes, long seed) {
        long[] order = new long[hashes.size()];
        Arrays.setAll(order, i -> (SplitMix64.mix(seed, hashes.get(i)) & 0xFFFF_FFFF_0000_0000L) | i);
        Arrays.sort(order);
        return order;
    }

    private static int endOfGroup(long[] order, int start) {
        int end = start;
        while (end < order.length && order[end] >>> 32 == order[start] >>> 32) {
            end++;
        }
        return end;
    }
}
