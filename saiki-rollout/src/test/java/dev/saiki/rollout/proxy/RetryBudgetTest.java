package dev.saiki.rollout.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RetryBudgetTest {

    private final AtomicLong now = new AtomicLong();

    private static long allowed(RetryBudget budget, int requests) {
        return IntStream.range(0, requests).filter(_ -> budget.spend()).count();
    }

    @Test
    void aShareOfFailedRequestsFallsBack() {
        assertThat(allowed(new RetryBudget(0.2, now::get), 1000)).isEqualTo(209);
    }

    @Test
    void withoutALimitAllFallBack() {
        assertThat(allowed(new RetryBudget(1, now::get), 1000)).isEqualTo(1000);
    }

    @Test
    void oneASecondFallsBackWithoutAnyShare() {
        RetryBudget budget = new RetryBudget(0, now::get);
        assertThat(allowed(budget, 100)).isEqualTo(10);
        now.addAndGet(Duration.ofSeconds(3).toNanos());
        assertThat(allowed(budget, 100)).isEqualTo(3);
    }

    @Test
    void goodTimesSaveUpALittleOnly() {
        RetryBudget budget = new RetryBudget(0.5, now::get);
        IntStream.range(0, 10_000).forEach(_ -> budget.earn());
        assertThat(allowed(budget, 10)).isEqualTo(10);
        assertThat(allowed(budget, 100)).isLessThan(60);
    }
}
