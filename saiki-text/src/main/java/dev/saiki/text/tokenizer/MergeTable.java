package dev.saiki.text.tokenizer;

import java.util.PriorityQueue;

/// The merges of a tokenizer, applied to the tokens of one word in order of rank, exactly as Hugging Face's
/// `BPE` does.
///
/// The pair of neighbours with the earliest merge (the leftmost such pair on a tie) is repeatedly replaced by one
/// token, until no neighbours have a merge. Short words, which are nearly all words, are scanned for the best pair
/// each time; long words (a line of Chinese is one word) use a heap over a linked list, so that the cost grows as
/// n log n and not as n².
final class MergeTable {

    private static final int SHORT_WORD = 64;
    private static final int NO_RANK = Integer.MAX_VALUE;

    /// The token that each merge creates, by rank.
    private final int[] results;
    /// Pair → rank of its merge.
    private final PairTable ranks;

    MergeTable(TokenizerModel model) {
        results = model.merges().results();
        ranks = new PairTable(results.length);
        for (int rank = 0; rank < results.length; rank++) {
            ranks.getOrPut(model.merges().pairs()[rank], rank);
        }
    }

    /// Merges in place.
    ///
    /// @param ids the tokens of a word before merging
    /// @return the number of remaining tokens, at the front of the array
    int merge(int[] ids) {
        return ids.length <= SHORT_WORD ? mergeShort(ids) : mergeLong(ids);
    }

    private int rank(int left, int right) {
        int rank = ranks.get(PairTable.pair(left, right));
        return rank == PairTable.ABSENT ? NO_RANK : rank;
    }

    /// Merges in place and returns the number of remaining ids. `pairRanks[i]` belongs to the pair (i, i + 1).
    private int mergeShort(int[] ids) {
        int size = ids.length;
        int[] pairRanks = new int[size];
        for (int i = 0; i + 1 < size; i++) {
            pairRanks[i] = rank(ids[i], ids[i + 1]);
        }
        while (size > 1) {
            int best = 0;
            for (int i = 1; i + 1 < size; i++) {
                if (pairRanks[i] < pairRanks[best]) {
                    best = i;
                }
            }
            if (pairRanks[best] == NO_RANK) {
                return size;
            }
            ids[best] = results[pairRanks[best]];
            size--;
            System.arraycopy(ids, best + 2, ids, best + 1, size - best - 1);
            System.arraycopy(pairRanks, best + 2, pairRanks, best + 1, size - best - 1);
            if (best + 1 < size) {
                pairRanks[best] = rank(ids[best], ids[best + 1]);
            }
            if (best > 0) {
                pairRanks[best - 1] = rank(ids[best - 1], ids[best]);
            }
        }
        return size;
    }

    /// Like {@link #mergeShort}; the heap holds rank and position in one long, and stale entries are recognised by
    /// their rank when they are popped.
    private int mergeLong(int[] ids) {
        int size = ids.length;
        int[] next = new int[size];
        int[] previous = new int[size];
        PriorityQueue<Long> heap = new PriorityQueue<>();
        for (int i = 0; i < size; i++) {
            next[i] = i + 1;
            previous[i] = i - 1;
        }
        for (int i = 0; i + 1 < size; i++) {
            push(heap, ids, i, i + 1);
        }
        for (Long entry = heap.poll(); entry != null; entry = heap.poll()) {
            int at = entry.intValue();
            int rank = (int) (entry >>> 32);
            if (ids[at] < 0 || next[at] >= size || rank(ids[at], ids[next[at]]) != rank) {
                continue;
            }
            int gone = next[at];
            ids[at] = results[rank];
            ids[gone] = -1;
            next[at] = next[gone];
            if (next[at] < size) {
                previous[next[at]] = at;
                push(heap, ids, at, next[at]);
            }
            if (previous[at] >= 0) {
                push(heap, ids, previous[at], at);
            }
        }
        return compact(ids);
    }

    private void push(PriorityQueue<Long> heap, int[] ids, int at, int following) {
        int rank = rank(ids[at], ids[following]);
        if (rank != NO_RANK) {
            heap.add(((long) rank << 32) | at);
        }
    }

    private static int compact(int[] ids) {
        int out = 0;
        for (int id : ids) {
            if (id >= 0) {
                ids[out++] = id;
            }
        }
        return out;
    }
}
