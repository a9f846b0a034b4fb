package dev.saiki.cli.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.io.InputException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LoadRoundTest {

    private static final LoadPlan PLAN = new LoadPlan(20, 10, new RandomTokens(300), 256, 7);

    @Test
    void arrivalsAreAPoissonProcess() {
        double rate = 50;
        List<LoadPlan.Arrival> arrivals = PLAN.poisson(0, rate, Duration.ofSeconds(200));
        double[] gaps = IntStream.range(1, arrivals.size())
                .mapToDouble(at ->
                        (arrivals.get(at).afterNanos() - arrivals.get(at - 1).afterNanos()) / 1e9)
                .toArray();
        double mean = IntStream.range(0, gaps.length)
                .mapToDouble(at -> gaps[at])
                .average()
                .orElseThrow();
        double variance = IntStream.range(0, gaps.length)
                .mapToDouble(at -> (gaps[at] - mean) * (gaps[at] - mean))
                .average()
                .orElseThrow();
        // Ten thousand intervals determine their mean to one percent; for a Poisson process it equals their
        // standard deviation.
        assertThat(arrivals.size()).isBetween(9_600, 10_400);
        assertThat(mean).isCloseTo(1 / rate, within(0.04 / rate));
        assertThat(Math.sqrt(variance)).isCloseTo(1 / rate, within(0.06 / rate));
        assertThat(Arrays.stream(gaps).min().orElseThrow()).isNotNegative();
    }

    @Test
    void theSameSeedIsTheSameLoadAndAnotherPartIsAnother() {
        assertThat(PLAN.poisson(1, 5, Duration.ofSeconds(9)))
                .usingRecursiveComparison()
                .isEqualTo(PLAN.poisson(1, 5, Duration.ofSeconds(9)));
        assertThat(PLAN.requests(1, 1).getFirst().prompt())
                .isNotEqualTo(PLAN.requests(2, 1).getFirst().prompt());
    }

    @Test
    void lengthsLieAroundTheirMediansAndFitTheContext() {
        List<LoadRequest> requests = PLAN.requests(0, 4_000);
        assertThat(median(requests.stream().mapToInt(request -> request.prompt().length)))
                .isBetween(18, 22);
        assertThat(median(requests.stream().mapToInt(LoadRequest::tokens))).isBetween(9, 11);
        LoadPlan tight = new LoadPlan(40, 20, new RandomTokens(300), 64, 7);
        assertThat(tight.requests(0, 1_000)).allSatisfy(request -> {
            assertThat(request.prompt().length + request.tokens()).isLessThanOrEqualTo(64);
            assertThat(request.tokens()).isPositive();
        });
        assertThatThrownBy(() -> new LoadPlan(60, 20, new RandomTokens(300), 64, 7))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("context of 64");
    }

    private static int median(IntStream lengths) {
        int[] sorted = lengths.sorted().toArray();
        return sorted[sorted.length / 2];
    }

    /// A server that answers requests one after another, and stalls once for most of the time. A client that
    /// waits for each answer would notice the stall once and report a short median.
    @Test
    void aServerThatStallsCannotHideIt() {
        ReentrantLock one = new ReentrantLock(true);
        long begin = System.nanoTime();
        LoadTarget stalls = request -> {
            one.lock();
            try {
                while (System.nanoTime() - begin < 800_000_000L) {
                    LockSupport.parkNanos(1_000_000);
                }
                return new LoadOutcome.Answered(new long[] {System.nanoTime()}, 1, 1, 1, 0);
            } finally {
                one.unlock();
            }
        };
        List<LoadPlan.Arrival> arrivals = IntStream.range(0, 100)
                .mapToObj(at -> new LoadPlan.Arrival(
                        at * 10_000_000L, PLAN.requests(at, 1).getFirst()))
                .toList();
        LoadRound round = LoadRound.open(arrivals, stalls);
        assertThat(round.answered()).isEqualTo(100);
        assertThat(round.answerMs().p50()).isGreaterThan(200.0);
        assertThat(round.answerMs().p99()).isGreaterThan(600.0);
    }

    @Test
    void whatBecomesOfRequestsIsCounted() {
        LoadTarget mixed = request -> switch (request.tokens() % 3) {
            case 0 -> new LoadOutcome.Answered(new long[request.tokens()], request.tokens(), 6, 4, 2);
            case 1 -> new LoadOutcome.Refused();
            default -> new LoadOutcome.Failed("no");
        };
        List<LoadRequest> requests = IntStream.rangeClosed(1, 9)
                .mapToObj(tokens -> new LoadRequest(new int[] {1}, tokens))
                .toList();
        LoadRound round = LoadRound.closed(requests, 4, mixed);
        assertThat(List.of(round.answered(), round.refused(), round.failed())).containsOnly(3);
        assertThat(round.tokens()).isEqualTo(3 + 6 + 9);
        assertThat(round.meanDepth()).isEqualTo(1.5);
        assertThat(round.cachedTokens()).isEqualTo(6);
        assertThat(round.problems()).containsOnlyKeys("no").containsValue(3);
    }
}
