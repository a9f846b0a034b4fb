package dev.saiki.engine.settings;

import dev.saiki.io.InputException;
import dev.saiki.text.hash.SplitMix64;
import java.util.List;

/// Forced depths, drawn at random in given shares.
///
/// The depth of a token is drawn by hashes of the seed and the token's position. Sequences with different seeds
/// have independent depths, as with a router, so the number of sequences at the same recursion step varies.
/// Sequences with the same seed have the same depths, which fills batches better than any router would. Within a
/// sequence, each block of {@value #BLOCK} positions has the given shares as closely as its size allows, in a
/// random order. So even a short text has these shares, and two measurements differ only in the order of shallow
/// and deep tokens.
///
/// @param shares share of the tokens at each depth, from 1, with a sum of 1
/// @param seed seed that determines which tokens take which depth
public record DepthHistogram(List<Double> shares, long seed) implements ForcedDepths {

    private static final double TOLERANCE = 1e-6;

    /// The number of positions that together have the given shares: divisible by 2, 3, 4 and 6.
    private static final int BLOCK = 12;

    private static final double UNIT = 0x1p-53;

    /// Checks the shares and makes a defensive copy.
    ///
    /// @throws InputException if a share is negative or their sum is not 1
    public DepthHistogram {
        shares = List.copyOf(shares);
        double sum = shares.stream().mapToDouble(Double::doubleValue).sum();
        if (shares.stream().anyMatch(share -> !(share >= 0)) || !(Math.abs(sum - 1) <= TOLERANCE)) {
            throw new InputException("depths must be shares of at least 0 that add up to 1, got " + shares);
        }
    }

    @Override
    public int depthOf(int position) {
        double place = place(position);
        double sum = 0;
        for (int depth = 1; depth < shares.size(); depth++) {
            sum += shares.get(depth - 1);
            if (place < sum) {
                return depth;
            }
        }
        return shares.size();
    }

    /// A uniformly distributed number in [0, 1) for a position: the sum of the rank of the position's hash
    /// within the block and a random fraction, divided by the block's size.
    private double place(int position) {
        long own = hash(position);
        int first = position - position % BLOCK;
        int rank = 0;
        for (int other = first; other < first + BLOCK; other++) {
            rank += hash(other) < own ? 1 : 0;
        }
        return (rank + (SplitMix64.mix(own) >>> 11) * UNIT) / BLOCK;
    }

    private long hash(int position) {
        return SplitMix64.mix(SplitMix64.mix(seed) + (position + 1) * SplitMix64.GOLDEN_RATIO);
    }
}
