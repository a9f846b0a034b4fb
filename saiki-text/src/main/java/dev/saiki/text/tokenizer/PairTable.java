package dev.saiki.text.tokenizer;

import java.util.Arrays;

/// A hash table from pairs of token ids to ints, without boxing (open addressing, linear probing).
///
/// Entries are never removed. Values are not negative; {@value #ABSENT} means that a pair is missing.
final class PairTable {

    /// The result of {@link #get} for a missing pair.
    static final int ABSENT = -1;

    private static final long FREE = -1;

    private long[] keys;
    private int[] values;
    private int size;

    PairTable(int expected) {
        int capacity = Integer.highestOneBit(Math.max(8, expected) * 2 - 1) * 2;
        keys = new long[capacity];
        values = new int[capacity];
        Arrays.fill(keys, FREE);
    }

    static long pair(int left, int right) {
        return ((long) left << 32) | right;
    }

    static int left(long pair) {
        return (int) (pair >>> 32);
    }

    static int right(long pair) {
        return (int) pair;
    }

    int get(long pair) {
        int slot = slot(pair);
        return keys[slot] == FREE ? ABSENT : values[slot];
    }

    /// Returns the value of a pair; adds the pair with the given value if it is new.
    int getOrPut(long pair, int ifAbsent) {
        int slot = slot(pair);
        if (keys[slot] != FREE) {
            return values[slot];
        }
        keys[slot] = pair;
        values[slot] = ifAbsent;
        size++;
        if (size * 2 > keys.length) {
            grow();
        }
        return ifAbsent;
    }

    int size() {
        return size;
    }

    private int slot(long pair) {
        int mask = keys.length - 1;
        int slot = (int) (mixed(pair) >>> 32) & mask;
        while (keys[slot] != FREE && keys[slot] != pair) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    /// Fibonacci hashing: the upper half of the product depends on both ids.
    private static long mixed(long pair) {
        return (pair ^ ((pair >>> 32) * 0xC2B2AE3D27D4EB4FL)) * 0x9E3779B97F4A7C15L;
    }

    private void grow() {
        long[] oldKeys = keys;
        int[] oldValues = values;
        keys = new long[oldKeys.length * 2];
        values = new int[oldKeys.length * 2];
        Arrays.fill(keys, FREE);
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != FREE) {
                int slot = slot(oldKeys[i]);
                keys[slot] = oldKeys[i];
                values[slot] = oldValues[i];
            }
        }
    }
}
