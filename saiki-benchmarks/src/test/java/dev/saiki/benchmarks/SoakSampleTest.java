package dev.saiki.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SoakSampleTest {

    private static SoakSample sample(long bytes, long threads, long handles, double p50, double p95) {
        return new SoakSample(60, new ProcessStatistics(bytes, threads, handles), 100, p50, p95);
    }

    private static List<SoakSample> fifteen(IntFunction<SoakSample> at) {
        return new ArrayList<>(IntStream.range(0, 15).mapToObj(at).toList());
    }

    @Test
    void figuresThatStayHaveNotGrown() {
        assertThat(SoakSample.grown(fifteen(_ -> sample(1000, 20, 30, 50, 200))))
                .isEmpty();
    }

    @Test
    void memoryThatGrowsByMoreThanAFewPercentIsNamedWithBothFigures() {
        assertThat(SoakSample.grown(fifteen(minute -> sample(1000 + 5L * minute, 20, 30, 50, 200))))
                .containsExactly("resident bytes grew from 1005.00 in the first fifth to 1065.00 in the last");
    }

    @Test
    void threadsAndHandlesThatLeakAreNamed() {
        assertThat(SoakSample.grown(fifteen(minute -> sample(1000, 20 + minute, 30 + 2L * minute, 50, 200))))
                .containsExactly(
                        "threads grew from 20.0000 in the first fifth to 32.0000 in the last",
                        "file handles grew from 30.0000 in the first fifth to 54.0000 in the last");
    }

    @Test
    void handlesThatAreOpenForAMomentOnlyAreNoLeak() {
        List<SoakSample> samples = fifteen(_ -> sample(1000, 20, 30, 50, 200));
        samples.set(12, sample(1000, 90, 300, 50, 200));
        samples.set(14, sample(1000, 90, 300, 50, 200));
        assertThat(SoakSample.grown(samples)).isEmpty();
    }

    @Test
    void answersThatTakeMoreThanTwiceAsLongAreNamed() {
        assertThat(SoakSample.grown(fifteen(minute -> sample(1000, 20, 30, 50 + 5 * minute, 200 + 20 * minute))))
                .containsExactly(
                        "milliseconds at p50 grew from 55.0000 in the first fifth to 115.000 in the last",
                        "milliseconds at p95 grew from 220.000 in the first fifth to 460.000 in the last");
    }

    @Test
    void oneSlowMinuteIsChance() {
        List<SoakSample> samples = fifteen(_ -> sample(1000, 20, 30, 50, 200));
        samples.set(13, sample(1000, 20, 30, 5000, 20_000));
        assertThat(SoakSample.grown(samples)).isEmpty();
    }

    @Test
    void fewerSamplesThanPartsCannotBeCompared() {
        List<SoakSample> four = fifteen(_ -> sample(1, 1, 1, 1, 1)).subList(0, 4);
        assertThatThrownBy(() -> SoakSample.grown(four))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("needs 5 samples, got 4");
    }
}
