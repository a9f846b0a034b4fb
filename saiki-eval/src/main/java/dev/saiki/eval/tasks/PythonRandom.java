package dev.saiki.eval.tasks;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.commons.rng.core.source32.MersenneTwister;

/// The random numbers of Python's `random.Random`, which give exactly the same few-shot examples and bootstrap
/// samples as lm-evaluation-harness.
///
/// The generator is from Commons RNG. No Java library seeds it and draws from it in CPython's way, so both are
/// implemented here.
final class PythonRandom {

    private static final double DOUBLE_SPACING = 0x1.0p-53;

    private final MersenneTwister generator;

    /// Creates `random.Random(seed)`.
    ///
    /// @param seed the seed, at least 0
    PythonRandom(long seed) {
        int low = (int) seed;
        int high = (int) (seed >>> Integer.SIZE);
        generator = new MersenneTwister(high == 0 ? new int[] {low} : new int[] {low, high});
    }

    /// `random()`: a number in [0, 1).
    double nextDouble() {
        long high = Integer.toUnsignedLong(generator.nextInt()) >>> 5;
        long low = Integer.toUnsignedLong(generator.nextInt()) >>> 6;
        return ((high << 26) + low) * DOUBLE_SPACING;
    }

    /// `randrange(bound)`.
    int below(int bound) {
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(bound);
        int drawn = generator.nextInt() >>> (Integer.SIZE - bits);
        while (drawn >= bound) {
            drawn = generator.nextInt() >>> (Integer.SIZE - bits);
        }
        return drawn;
    }

    /// `sample(range(size), count)`: distinct numbers in random order.
    ///
    /// @param size number of numbers to draw from
    /// @param count number of draws, at most `size`
    int[] sample(int size, int count) {
        int[] drawn = new int[count];
        if (size <= sizeOfSet(count)) {
            int[] pool = IntStream.range(0, size).toArray();
            for (int i = 0; i < count; i++) {
                int at = below(size - i);
                drawn[i] = pool[at];
                pool[at] = pool[size - i - 1];
            }
            return drawn;
        }
        Set<Integer> taken = new HashSet<>();
        for (int i = 0; i < count; i++) {
            int at = below(size);
            while (!taken.add(at)) {
                at = below(size);
            }
            drawn[i] = at;
        }
        return drawn;
    }

    /// CPython's estimate of the size below which a list takes less memory than a set.
    private static double sizeOfSet(int count) {
        return count > 5 ? 21 + Math.pow(4, Math.ceil(Math.log(count * 3) / Math.log(4))) : 21;
    }
}
