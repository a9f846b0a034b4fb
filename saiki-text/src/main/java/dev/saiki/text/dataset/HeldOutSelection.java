package dev.saiki.text.dataset;

import java.util.Arrays;
import java.util.BitSet;

/// The choice of held-out documents, by a {@link HeldOutChoice}, from a table in memory.
final class HeldOutSelection {

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
        HeldOutChoice choice = new HeldOutChoice(tokens.sum(), fraction);
        BitSet chosen = new BitSet(order.length);
        for (int start = 0, end; start < order.length && !choice.isComplete(); start = end) {
            end = endOfGroup(order, start);
            long group = 0;
            for (int i = start; i < end; i++) {
                group += tokens.get((int) order[i]);
            }
            if (choice.visit(group(order[start]), group)) {
                choose(order, start, end, chosen);
            }
        }
        for (int start = 0, end; start < order.length && chosen.isEmpty(); start = end) {
            end = endOfGroup(order, start);
            if (choice.isFallback(group(order[start]))) {
                choose(order, start, choice.isSingleGroup() ? 1 : end, chosen);
            }
        }
        return chosen;
    }

    private static void choose(long[] order, int start, int end, BitSet chosen) {
        for (int i = start; i < end; i++) {
            chosen.set((int) order[i]);
        }
    }

    /// Returns the documents sorted by group: the upper half of each number is the group, the lower half the
    /// document number.
    private static long[] order(LongSequence hashes, long seed) {
        long[] order = new long[hashes.size()];
        Arrays.setAll(order, i -> (long) HeldOutChoice.group(hashes.get(i), seed) << Integer.SIZE | i);
        Arrays.sort(order);
        return order;
    }

    private static int group(long ordered) {
        return (int) (ordered >>> Integer.SIZE);
    }

    private static int endOfGroup(long[] order, int start) {
        int end = start;
        while (end < order.length && group(order[end]) == group(order[start])) {
            end++;
        }
        return end;
    }
}
