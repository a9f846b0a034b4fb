package dev.saiki.engine.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.io.InputException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DepthHistogramTest {

    private static final int SEQUENCES = 32;
    private static final int POSITIONS = 2_400;
    private static final List<Double> UNEVEN = List.of(0.55, 0.3, 0.15);

    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, 17, Long.MIN_VALUE})
    void aLongTextHasTheShares(long seed) {
        DepthHistogram histogram = new DepthHistogram(UNEVEN, seed);
        for (int depth = 1; depth <= 3; depth++) {
            int wanted = depth;
            double share = IntStream.range(0, POSITIONS)
                            .filter(position -> histogram.depthOf(position) == wanted)
                            .count()
                    / (double) POSITIONS;
            assertThat(share).as("share of depth %d", depth).isCloseTo(UNEVEN.get(depth - 1), within(0.01));
        }
    }

    @Test
    void aShortTextHasThirdsToTheToken() {
        DepthHistogram thirds = new DepthHistogram(List.of(0.3333334, 0.3333333, 0.3333333), 3);
        for (int depth = 1; depth <= 3; depth++) {
            int wanted = depth;
            assertThat(IntStream.range(0, 96).filter(position -> thirds.depthOf(position) == wanted))
                    .hasSizeBetween(31, 33);
        }
    }

    /// Counts, for each position, the sequences whose token takes a second recursion.
    private static int[] deep(int numSeeds) {
        return IntStream.range(0, POSITIONS)
                .map(position -> (int) IntStream.range(0, SEQUENCES)
                        .filter(sequence ->
                                new DepthHistogram(List.of(0.5, 0.5), sequence % numSeeds).depthOf(position) == 2)
                        .count())
                .toArray();
    }

    @Test
    void sequencesOfUnlikeSeedsGoDeepIndependently() {
        int[] deep = deep(SEQUENCES);
        double mean = Arrays.stream(deep).average().orElseThrow();
        double variance = Arrays.stream(deep)
                .mapToDouble(count -> (count - mean) * (count - mean))
                .average()
                .orElseThrow();
        assertThat(mean).isCloseTo(SEQUENCES / 2.0, within(0.1));
        // The variance of a binomial distribution. The variance would be 256 for sequences with equal depths, and
        // 0 for sequences balanced by a queue.
        assertThat(variance).isCloseTo(SEQUENCES / 4.0, within(1.0));
        assertThat(Arrays.stream(deep).distinct().count()).isGreaterThan(12);
    }

    @Test
    void eachTwoOfThemAgreeNoMoreOftenThanChance() {
        for (int one = 0; one < SEQUENCES; one++) {
            DepthHistogram first = new DepthHistogram(List.of(0.5, 0.5), one);
            for (int other = 0; other < one; other++) {
                DepthHistogram second = new DepthHistogram(List.of(0.5, 0.5), other);
                assertThat(IntStream.range(0, POSITIONS)
                                .filter(position -> first.depthOf(position) == second.depthOf(position))
                                .count())
                        .as("of sequences %d and %d", one, other)
                        .isBetween(POSITIONS / 2 - 130L, POSITIONS / 2 + 130L);
            }
        }
    }

    @Test
    void sequencesOfOneSeedGoDeepTogether() {
        assertThat(Arrays.stream(deep(1)).distinct()).containsExactlyInAnyOrder(0, SEQUENCES);
    }

    @Test
    void theSameSeedIsTheSameRoute() {
        assertThat(new DepthHistogram(UNEVEN, 5))
                .isEqualTo(new DepthHistogram(List.copyOf(UNEVEN), 5))
                .isNotEqualTo(new DepthHistogram(UNEVEN, 6));
    }

    @Test
    void sharesThatAreNoneAreRefused() {
        for (List<Double> wrong : List.of(List.of(0.5, 0.4), List.of(1.5, -0.5), List.of(Double.NaN, 1.0))) {
            assertThatThrownBy(() -> new DepthHistogram(wrong, 0))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("add up to 1");
        }
    }
}
