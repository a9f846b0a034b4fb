package dev.saiki.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.TCPStore;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The calls of the store that a large group makes to start and to find a dead rank, and its time on one machine, where
/// all ranks are threads of this process. The figures are written to large-group.txt in the module's build folder.
class LargeGroupTest {

    private static final Path FIGURES = Path.of("target", "large-group.txt");
    private static final Duration PATIENT = Duration.ofMinutes(2);

    @ParameterizedTest
    @ValueSource(ints = {16, 64, 512})
    void callsOfTheStoreGrowLinearlyWithTheGroup(int size) throws Exception {
        int port = freePort();
        Rendezvous first = place(0, size, port);
        TorchRuntime.ensureLoaded();
        TCPStore server = StoreClient.open(first, true, PATIENT);
        List<StoreClient> clients = new ArrayList<>();
        List<PeerWatch> watches = new ArrayList<>();
        for (int rank = 0; rank < size; rank++) {
            StoreClient client = StoreClient.connect(place(rank, size, port), PATIENT);
            clients.add(client);
            watches.add(new PeerWatch(place(rank, size, port), client, () -> 7));
        }
        long begin = System.nanoTime();
        together(size, rank -> {
            watches.get(rank).awaitAll();
            return "";
        });
        double start = secondsSince(begin);
        long callsAtStart = clients.stream().mapToLong(StoreClient::numCalls).sum();
        int dead = size / 2;
        watches.get(dead).close();
        long alarm = System.nanoTime();
        List<String> verdicts =
                together(size, rank -> rank == dead ? "" : watches.get(rank).whoFailed());
        double found = secondsSince(alarm);
        long callsAfter = IntStream.range(0, size)
                .filter(rank -> rank != dead)
                .mapToLong(rank -> clients.get(rank).numCalls())
                .sum();
        note(
                "%d ranks: joined in %.2f s with %.1f calls a rank; a dead rank named in %.2f s with %.1f calls a rank",
                size, start, (double) callsAtStart / size, found, (double) (callsAfter - callsAtStart) / size);
        for (int rank = 0; rank < size; rank++) {
            if (rank != dead) {
                assertThat(verdicts.get(rank))
                        .isEqualTo("rank " + dead + " of " + size + " has ended or does not answer");
                watches.get(rank).close();
            }
        }
        server.deallocate();
        // The periodic look for an alarm adds some calls a second.
        assertThat(callsAtStart).isLessThanOrEqualTo((long) size * (4 + 5 * (long) Math.ceil(start)));
        assertThat(callsAfter - callsAtStart)
                .isLessThanOrEqualTo((long) size * (12 + 6 * (long) Math.ceil(found)) + 200);
    }

    @Test
    @Tag("slow")
    void groupOfSixtyFourExchangesItsFirstGradients() throws Exception {
        int size = 64;
        int port = freePort();
        long begin = System.nanoTime();
        CountDownLatch joined = new CountDownLatch(size);
        List<Times> times = together(size, rank -> {
            try (ProcessGroup group = ProcessGroup.join(place(rank, size, port));
                    TensorScope _ = TensorScope.open()) {
                double start = secondsSince(begin);
                joined.countDown();
                joined.await();
                long first = System.nanoTime();
                Tensor gradients = Tensors.zeros(DType.FLOAT32, 1 << 18);
                group.sum(gradients.add(1));
                double firstSum = secondsSince(first);
                long second = System.nanoTime();
                group.sum(gradients);
                return new Times(start, firstSum, secondsSince(second));
            }
        });
        note(
                "%d ranks with Gloo: joined in %.2f s; first sum of 1 MiB in %.2f s, second in %.2f s",
                size,
                times.getFirst().start(),
                times.getFirst().firstSum(),
                times.getFirst().secondSum());
        assertThat(times).hasSize(size);
    }

    private record Times(double start, double firstSum, double secondSum) {}

    private interface Task<T> {
        T run(int rank) throws Exception;
    }

    private static <T> List<T> together(int size, Task<T> task) throws ExecutionException, InterruptedException {
        try (ExecutorService ranks = Executors.newFixedThreadPool(size)) {
            List<Future<T>> running = IntStream.range(0, size)
                    .mapToObj(rank -> ranks.submit(() -> task.run(rank)))
                    .toList();
            List<T> results = new ArrayList<>();
            for (Future<T> rank : running) {
                results.add(rank.get());
            }
            return results;
        }
    }

    private static Rendezvous place(int rank, int size, int port) {
        return new Rendezvous("127.0.0.1", port, rank, size, size, false, "0", PATIENT, PATIENT);
    }

    private static double secondsSince(long nanos) {
        return (System.nanoTime() - nanos) / 1e9;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void note(String format, Object... figures) throws IOException {
        Files.writeString(
                FIGURES,
                String.format(Locale.ROOT, format + "%n", figures),
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }
}
