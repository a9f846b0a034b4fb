package dev.saiki.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class WorkerPoolTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void everyPartRunsOnce(int threads) {
        try (WorkerPool workers = WorkerPool.of(threads)) {
            assertThat(workers.threads()).isEqualTo(threads);
            for (int parts : new int[] {0, 1, 2, 7, 1000}) {
                AtomicIntegerArray runs = new AtomicIntegerArray(parts);
                workers.run(parts, runs::incrementAndGet);
                assertThat(IntStream.range(0, parts).map(runs::get)).allMatch(count -> count == 1);
            }
        }
    }

    @Test
    void whatPartsWroteIsSeenAfterwards() {
        try (WorkerPool workers = WorkerPool.of(3)) {
            int[] values = new int[64];
            for (int round = 1; round <= 20_000; round++) {
                int written = round;
                workers.run(values.length, part -> values[part] = written);
                assertThat(Arrays.stream(values).sum()).isEqualTo(round * values.length);
            }
        }
    }

    @Test
    void threadsThatFellAsleepWakeUp() throws InterruptedException {
        try (WorkerPool workers = WorkerPool.of(2)) {
            for (int round = 0; round < 20; round++) {
                Thread.sleep(2);
                // Each part waits for the other part, so both threads must take part.
                CountDownLatch both = new CountDownLatch(2);
                workers.run(2, _ -> {
                    both.countDown();
                    await(both);
                });
            }
        }
    }

    @Test
    void aCallerWhoWaitsLongIsWokenUp() {
        try (WorkerPool workers = WorkerPool.of(2)) {
            AtomicInteger ended = new AtomicInteger();
            CountDownLatch both = new CountDownLatch(2);
            Thread caller = Thread.currentThread();
            workers.run(2, _ -> {
                both.countDown();
                await(both);
                if (Thread.currentThread() != caller) {
                    sleep();
                }
                ended.incrementAndGet();
            });
            assertThat(ended).hasValue(2);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void theFirstFailureIsThrown(int threads) {
        try (WorkerPool workers = WorkerPool.of(threads)) {
            IllegalStateException failure = new IllegalStateException("part 3");
            assertThatThrownBy(() -> workers.run(100, part -> {
                        if (part == 3) {
                            throw failure;
                        }
                    }))
                    .isSameAs(failure);
            AtomicInteger runs = new AtomicInteger();
            workers.run(10, _ -> runs.incrementAndGet());
            assertThat(runs).hasValue(10);
        }
    }

    @Test
    void errorsAreThrownToo() {
        try (WorkerPool workers = WorkerPool.of(2)) {
            assertThatThrownBy(() -> workers.run(4, _ -> {
                        throw new AssertionError("no");
                    }))
                    .isInstanceOf(AssertionError.class)
                    .hasMessage("no");
        }
    }

    @Test
    void loopsMayBeNestedAndShared() throws InterruptedException {
        try (WorkerPool workers = WorkerPool.of(2)) {
            AtomicInteger runs = new AtomicInteger();
            Thread other = new Thread(() -> {
                for (int round = 0; round < 200; round++) {
                    workers.run(5, _ -> runs.incrementAndGet());
                }
            });
            other.start();
            for (int round = 0; round < 100; round++) {
                workers.run(4, _ -> workers.run(3, _ -> runs.incrementAndGet()));
            }
            other.join();
            assertThat(runs).hasValue(200 * 5 + 100 * 4 * 3);
        }
    }

    @Test
    void closedWorkersRefuse() {
        WorkerPool workers = WorkerPool.of(2);
        workers.close();
        assertThatThrownBy(() -> workers.run(2, _ -> {})).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> WorkerPool.of(0)).hasMessage("threads must be at least 1, got 0");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void sleep() {
        try {
            Thread.sleep(5);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
