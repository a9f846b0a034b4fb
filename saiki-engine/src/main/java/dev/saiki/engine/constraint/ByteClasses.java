package dev.saiki.engine.constraint;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/// The equivalence classes of bytes: a grammar does not distinguish between bytes of one class.
final class ByteClasses {

    private static final int BYTES = 256;

    private final int[] classOf = new int[BYTES];
    private int count = 1;

    /// One half of a class that a byte set divides: the bytes inside the set, or the bytes outside it.
    private record Half(int before, boolean inside) {}

    /// @param sets all byte sets that the grammar uses
    ByteClasses(Collection<ByteSet> sets) {
        sets.forEach(this::divide);
    }

    private void divide(ByteSet set) {
        Map<Half, Integer> numbers = new HashMap<>();
        for (int value = 0; value < BYTES; value++) {
            Half half = new Half(classOf[value], set.contains(value));
            classOf[value] = numbers.computeIfAbsent(half, _ -> numbers.size());
        }
        count = numbers.size();
    }

    int count() {
        return count;
    }

    /// The class of a byte, from 0 to {@link #count} - 1.
    ///
    /// @param value the value, from 0 to 255
    int of(int value) {
        return classOf[value];
    }
}
