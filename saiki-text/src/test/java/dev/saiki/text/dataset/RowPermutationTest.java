package dev.saiki.text.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import org.junit.jupiter.api.Test;

final class RowPermutationTest {

    @Test
    void everyNumberComesOnce() {
        for (int size = 1; size <= 300; size++) {
            RowPermutation order = new RowPermutation(size, size * 31L);
            BitSet seen = new BitSet();
            for (int place = 0; place < size; place++) {
                seen.set(Math.toIntExact(order.at(place)));
            }
            assertThat(seen.length()).as("size %d", size).isEqualTo(size);
            assertThat(seen.cardinality()).as("size %d", size).isEqualTo(size);
        }
    }

    @Test
    void largeSizesStayInRange() {
        long size = (1L << 40) + 12_345;
        RowPermutation order = new RowPermutation(size, 5);
        for (long place = 0; place < 10_000; place++) {
            assertThat(order.at(place * 100_000_007)).isBetween(0L, size - 1);
        }
    }

    @Test
    void neighboursAreSpreadEvenly() {
        int size = 100_000;
        int buckets = 20;
        int[] counts = new int[buckets];
        RowPermutation order = new RowPermutation(size, 42);
        for (int place = 0; place < size / 10; place++) {
            counts[(int) (order.at(place) * buckets / size)]++;
        }
        double expected = size / 10.0 / buckets;
        double chiSquare = 0;
        for (int count : counts) {
            chiSquare += (count - expected) * (count - expected) / expected;
        }
        // 19 degrees of freedom: above 43.8 once in a thousand seeds.
        assertThat(chiSquare).isLessThan(43.8);
    }
}
