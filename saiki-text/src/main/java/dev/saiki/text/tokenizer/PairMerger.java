package dev.saiki.text.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/// The working state of {@link BytePairTrainer}: words as token ids, pair counts, pair-to-words lists and the heap.
final class PairMerger {

    /// The minimum count of a pair to be merged.
    static final int SMALLEST_COUNT = 2;

    /// A pair with its count when it was pushed on the heap.
    private record Candidate(long count, long pair) {
        static final Comparator<Candidate> BEST_FIRST =
                Comparator.comparingLong(Candidate::count).reversed().thenComparingLong(Candidate::pair);
    }

    private static final int FIRST_BYTE = 1;

    /// Word w is `symbols[starts[w], ends[w])`; its end decreases as pairs are merged.
    private final int[] symbols;

    private final int[] starts;
    private final int[] ends;
    private final long[] wordCounts;

    /// Pair → its number, which is its index in `pairs`, `counts` and `words`.
    private final PairTable numbers = new PairTable(1 << 16);
    private long[] pairs = new long[1 << 16];
    private long[] counts = new long[1 << 16];
    private final List<@Nullable IntSequence> words = new ArrayList<>();

    private final PriorityQueue<Candidate> heap = new PriorityQueue<>(1 << 12, Candidate.BEST_FIRST);
    private final List<Long> merges = new ArrayList<>();

    PairMerger(WordCounts table) {
        int size = table.size();
        symbols = new int[size == 0 ? 0 : table.end(size - 1)];
        starts = new int[size];
        ends = new int[size];
        wordCounts = new long[size];
        int[] idOfByte = idOfByte();
        for (int word = 0; word < size; word++) {
            starts[word] = table.start(word);
            ends[word] = table.end(word);
            wordCounts[word] = table.count(word);
            for (int i = starts[word]; i < ends[word]; i++) {
                symbols[i] = idOfByte[Byte.toUnsignedInt(table.at(i))];
            }
            for (int i = starts[word]; i + 1 < ends[word]; i++) {
                change(PairTable.pair(symbols[i], symbols[i + 1]), word, wordCounts[word]);
            }
        }
        pushFrom(0);
    }

    /// The pairs of ids in merge order, where merge m creates the token
    /// {@link BytePairTrainer#SMALLEST_VOCABULARY} + m.
    List<Long> merges() {
        return merges;
    }

    void mergeUntil(int vocabSize) {
        while (BytePairTrainer.SMALLEST_VOCABULARY + merges.size() < vocabSize) {
            Candidate best = heap.poll();
            if (best == null || best.count() < SMALLEST_COUNT) {
                return;
            }
            int number = numbers.get(best.pair());
            if (counts[number] == best.count()) {
                merge(best.pair(), number);
            } else if (counts[number] >= SMALLEST_COUNT) {
                heap.add(new Candidate(counts[number], best.pair()));
            }
        }
    }

    private void merge(long pair, int number) {
        int merged = BytePairTrainer.SMALLEST_VOCABULARY + merges.size();
        merges.add(pair);
        int firstNew = numbers.size();
        IntSequence affected = words.set(number, null);
        if (affected != null) {
            for (int i = 0; i < affected.size(); i++) {
                rewrite(affected.get(i), pair, merged);
            }
        }
        counts[number] = 0;
        pushFrom(firstNew);
    }

    /// Merges a pair from left to right in one word and updates the counts of its neighbours.
    private void rewrite(int word, long pair, int merged) {
        int left = PairTable.left(pair);
        int right = PairTable.right(pair);
        int start = starts[word];
        int end = ends[word];
        long count = wordCounts[word];
        int out = start;
        int i = start;
        while (i < end) {
            if (symbols[i] != left || i + 1 >= end || symbols[i + 1] != right) {
                symbols[out++] = symbols[i++];
                continue;
            }
            if (out > start) {
                int before = symbols[out - 1];
                change(PairTable.pair(before, left), word, -count);
                change(PairTable.pair(before, merged), word, count);
            }
            if (i + 2 < end) {
                int after = symbols[i + 2];
                change(PairTable.pair(right, after), word, -count);
                change(PairTable.pair(merged, after), word, count);
            }
            symbols[out++] = merged;
            i += 2;
        }
        ends[word] = out;
    }

    private void change(long pair, int word, long by) {
        int number = numbers.getOrPut(pair, numbers.size());
        if (number == words.size()) {
            append(pair);
        }
        counts[number] += by;
        IntSequence list = words.get(number);
        if (by > 0 && list != null && (list.isEmpty() || list.last() != word)) {
            list.add(word);
        }
    }

    private void append(long pair) {
        int number = words.size();
        if (number == counts.length) {
            counts = Arrays.copyOf(counts, number * 2);
            pairs = Arrays.copyOf(pairs, number * 2);
        }
        pairs[number] = pair;
        words.add(new IntSequence(4));
    }

    private void pushFrom(int firstNumber) {
        for (int number = firstNumber; number < words.size(); number++) {
            if (counts[number] >= SMALLEST_COUNT) {
                heap.add(new Candidate(counts[number], pairs[number]));
            }
        }
    }

    private static int[] idOfByte() {
        int[] ids = new int[ByteAlphabet.SIZE];
        for (int rank = 0; rank < ids.length; rank++) {
            ids[ByteAlphabet.byteOfRank(rank)] = FIRST_BYTE + rank;
        }
        return ids;
    }
}
