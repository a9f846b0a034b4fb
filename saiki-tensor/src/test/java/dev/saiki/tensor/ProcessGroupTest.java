package dev.saiki.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Groups whose processes are threads of this one.
class ProcessGroupTest {

    private static final Duration PATIENT = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofSeconds(2);

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void sumIsThatOfAllRanks(int size) throws IOException {
        List<float[]> sums = together(size, PATIENT, group -> {
            try (TensorScope _ = TensorScope.open()) {
                Tensor tensor = Tensors.of(new float[] {group.rank(), 1}, 2);
                group.sum(tensor);
                return tensor.toFloats();
            }
        });
        assertThat(sums).hasSize(size).allSatisfy(sum -> assertThat(sum).containsExactly(size * (size - 1) / 2f, size));
    }

    @Test
    void everyRankGetsOnePartFromEach() throws IOException {
        List<float[]> received = together(3, PATIENT, group -> {
            try (TensorScope _ = TensorScope.open()) {
                float base = 10 * group.rank();
                Tensor parts = Tensors.of(new float[] {base, base + 1, base + 2}, 3);
                Tensor all = Tensors.zeros(DType.FLOAT32, 3);
                group.startExchange(parts, all).await();
                return all.toFloats();
            }
        });
        assertThat(received.get(0)).containsExactly(0, 10, 20);
        assertThat(received.get(2)).containsExactly(2, 12, 22);
    }

    @Test
    void bytesOfUnlikeLengthsAreGathered() throws IOException {
        List<List<byte[]>> gathered = together(
                3, PATIENT, group -> group.gather("x".repeat(group.rank() * 7).getBytes(StandardCharsets.UTF_8)));
        assertThat(gathered).allSatisfy(parts -> {
            assertThat(parts.get(0)).isEmpty();
            assertThat(parts.get(1)).asString().isEqualTo("xxxxxxx");
            assertThat(parts.get(2)).asString().isEqualTo("xxxxxxxxxxxxxx");
        });
    }

    @Test
    void handlesAreFreed() throws IOException {
        long before = TensorScope.liveTensors();
        together(2, PATIENT, group -> {
            group.gather(new byte[] {1});
            group.barrier();
            return true;
        });
        assertThat(TensorScope.liveTensors()).isEqualTo(before);
    }

    @Test
    void rankThatKeepsTheOthersWaitingIsNamed() {
        long start = System.nanoTime();
        assertThatThrownBy(() -> together(3, SHORT, group -> {
                    group.barrier();
                    if (group.rank() == 1) {
                        sleep(SHORT.plusSeconds(6));
                        return true;
                    }
                    group.barrier();
                    return true;
                }))
                .hasRootCauseInstanceOf(RuntimeException.class)
                .cause()
                .isInstanceOf(ProcessGroupException.class)
                .hasMessageStartingWith("rank 1 of 3 kept the others waiting for more than 2 s");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void rankThatFailsSaysWhy() {
        assertThatThrownBy(() -> together(3, SHORT, group -> {
                    group.barrier();
                    if (group.rank() == 2) {
                        group.abandon(new IOException("the disk is full"));
                        return true;
                    }
                    group.barrier();
                    return true;
                }))
                .cause()
                .isInstanceOf(ProcessGroupException.class)
                .hasMessageStartingWith("rank 2 of 3 failed: the disk is full");
    }

    @Test
    void firstRankMayTakeLongerThanTheTimeLimit() throws IOException {
        List<Boolean> waited = together(3, SHORT, group -> {
            long start = System.nanoTime();
            if (group.isFirst()) {
                sleep(SHORT.plusSeconds(2));
            }
            group.awaitFirst();
            group.barrier();
            return System.nanoTime() - start >= SHORT.toNanos();
        });
        assertThat(waited).containsExactly(true, true, true);
    }

    @Test
    void firstRankThatFailsAtItsWorkSaysWhy() {
        assertThatThrownBy(() -> together(3, SHORT, group -> {
                    group.barrier();
                    if (group.isFirst()) {
                        sleep(Duration.ofSeconds(1));
                        group.abandon(new IOException("the disk is full"));
                        return true;
                    }
                    group.awaitFirst();
                    return true;
                }))
                .cause()
                .isInstanceOf(ProcessGroupException.class)
                .hasMessage("rank 0 of 3 failed: the disk is full (while it waited for rank 0)");
    }

    @Test
    void tensorOfOneRankReachesAnother() throws IOException {
        List<float[]> received = together(3, PATIENT, group -> {
            try (TensorScope _ = TensorScope.open()) {
                Tensor tensor = Tensors.of(new float[] {group.rank(), group.rank() + 0.5f}, 2);
                if (group.rank() == 2) {
                    group.send(tensor, 0);
                } else if (group.isFirst()) {
                    group.receive(tensor, 2);
                }
                group.broadcast(tensor);
                return tensor.toFloats();
            }
        });
        assertThat(received).allSatisfy(tensor -> assertThat(tensor).containsExactly(2, 2.5f));
    }

    @Test
    void rankThatDoesNotComeIsNamed() throws IOException {
        int port = freePort();
        assertThatThrownBy(() -> ProcessGroup.join(place(0, 2, port, SHORT)))
                .isInstanceOf(ProcessGroupException.class)
                .hasMessage("rank 1 of 2 did not reach 127.0.0.1:" + port + " within 2 s");
    }

    @Test
    void groupOfOneExchangesNothing() {
        ProcessGroup alone = ProcessGroup.single();
        assertThat(alone.size()).isOne();
        assertThat(alone.isFirst()).isTrue();
        assertThat(alone.gather(new byte[] {7})).containsExactly(new byte[] {7});
    }

    /// Runs a task in every rank of a group.
    private static <T> List<T> together(int size, Duration timeout, Function<ProcessGroup, T> task) throws IOException {
        int port = freePort();
        List<T> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(size)) {
            List<Future<T>> futures = new ArrayList<>();
            for (int rank = 0; rank < size; rank++) {
                Rendezvous place = place(rank, size, port, timeout);
                futures.add(threads.submit(() -> {
                    try (ProcessGroup group = ProcessGroup.join(place)) {
                        return task.apply(group);
                    }
                }));
            }
            for (Future<T> future : futures) {
                results.add(future.get());
            }
            return results;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static Rendezvous place(int rank, int size, int port, Duration timeout) {
        return new Rendezvous("127.0.0.1", port, rank, size, size, false, "0", timeout, timeout);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void sleep(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
