package dev.saiki.engine.settings;

import dev.saiki.io.InputException;
import java.util.List;

/// A histogram of depths that tokens are forced to take.
///
/// A token's depth is drawn by hashes of the seed and its position. Sequences of unlike seeds go deep
/// independently of each other, as those of a router do: how many of them are at a recursion step together
/// varies. Sequences of one seed go deep together, which fills batches better than any router would. Within a
/// sequence, each {@value #BLOCK} positions have the shares as well as so few can, in a random order, so that a
/// short text has them too, and two measurements differ in nothing but who goes deep when.
///
/// @param shares of the tokens, by depth from 1; they add up to 1
/// @param seed decides which tokens go how deep
public record DepthHistogram(List<Double> shares, long seed) implements ForcedDepths {

    private static final double TOLERANCE = 1e-6;

    /// Positions that have the shares together: halves, thirds, quarters and sixths of it are whole.
    private static final int BLOCK = 12;

    private static final long POSITION_STEP = 0x9E3779B97F4A7C15L;
    private static final double UNIT = 0x1p-53;

    /// Checks the shares and keeps a copy.
    ///
    /// @throws InputException if one is negative or they do not add up to 1
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

    /// Where a position lies in [0, 1), uniformly: its rank among those of its block, and a random place within it.
    private double place(int position) {
        long own = hash(position);
        int first = position - position % BLOCK;
        int rank = 0;
        for (int other = first; other < first + BLOCK; other++) {
            rank += hash(other) < own ? 1 : 0;
        }
        return (rank + (mixed(own) >>> 11) * UNIT) / BLOCK;
    }

    private long hash(int position) {
        return mixed(mixed(seed) + (position + 1) * POSITION_STEP);
    }

    /// The finalizer of SplitMix64: each bit of the result depends on all bits.
    private static long mixed(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
