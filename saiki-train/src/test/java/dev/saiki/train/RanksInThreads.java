package dev.saiki.train;

import dev.saiki.tensor.ProcessGroup;
import dev.saiki.tensor.Rendezvous;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Runs whose ranks are threads of this process.
final class RanksInThreads {

    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private RanksInThreads() {}

    /// A task of one rank.
    @FunctionalInterface
    interface RankTask<T> {
        T run(ProcessGroup group) throws IOException;
    }

    /// Trains with several ranks, or without a group for one rank.
    ///
    /// @return the outcomes, that of rank 0 first
    static List<TrainingOutcome> train(int size, Recipe recipe, Path folder, boolean resume) {
        return together(
                size,
                group -> new Trainer(recipe, folder, TrainingListener.SILENT, Trainer.Environment.of(group))
                        .run(resume));
    }

    /// Runs a task in every rank of a group.
    static <T> List<T> together(int size, RankTask<T> task) {
        try (ExecutorService threads = Executors.newFixedThreadPool(size)) {
            int port = freePort();
            List<Future<T>> futures = new ArrayList<>();
            for (int rank = 0; rank < size; rank++) {
                int own = rank;
                futures.add(threads.submit(() -> {
                    try (ProcessGroup group = size == 1 ? ProcessGroup.single() : join(own, size, port)) {
                        return task.run(group);
                    }
                }));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures) {
                results.add(future.get());
            }
            return results;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static ProcessGroup join(int rank, int size, int port) {
        return ProcessGroup.join(new Rendezvous("127.0.0.1", port, rank, size, size, false, "0", TIMEOUT, TIMEOUT));
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
