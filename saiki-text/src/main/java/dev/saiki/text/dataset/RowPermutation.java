package dev.saiki.text.dataset;

import dev.saiki.text.hash.SplitMix64;

/// A pseudo-random permutation of 0 to n - 1, computed instead of stored.
///
/// A Feistel network, whatever its round function, is a bijection on the numbers of an even number of bits. The
/// smallest such set of numbers that contains 0 to n - 1 has at most 4n numbers; a result of n or more is permuted
/// again until it is below n ("cycle walking", Black and Rogaway, Ciphers with Arbitrary Finite Domains, CT-RSA
/// 2002), which keeps the mapping a bijection. An array of row numbers would be simpler but needs 8 bytes per row;
/// the network needs no memory and gives direct access to any index, which makes resuming exact and cheap.
final class RowPermutation {

    private static final int ROUNDS = 6;

    private final long size;
    private final int halfBits;
    private final long halfMask;
    private final long[] keys = new long[ROUNDS];

    /// Creates the permutation of a seed.
    ///
    /// @param size the number of permuted numbers n, at least 1
    /// @param seed the seed of the order
    RowPermutation(long size, long seed) {
        this.size = size;
        int bits = Long.SIZE - Long.numberOfLeadingZeros(Math.max(1, size - 1));
        halfBits = (bits + 1) / 2;
        halfMask = (1L << halfBits) - 1;
        long state = seed;
        for (int i = 0; i < ROUNDS; i++) {
            state += SplitMix64.GOLDEN_RATIO;
            keys[i] = SplitMix64.mix(state);
        }
    }

    /// The number at an index of the order.
    long at(long place) {
        long value = place;
        do {
            value = network(value);
        } while (value >= size);
        return value;
    }

    private long network(long value) {
        long left = value >>> halfBits;
        long right = value & halfMask;
        for (long key : keys) {
            long next = left ^ (SplitMix64.mix(right ^ key) & halfMask);
            left = right;
            right = next;
        }
        return (left << halfBits) | right;
    }
}
