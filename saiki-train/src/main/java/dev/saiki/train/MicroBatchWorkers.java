package dev.saiki.train;

import dev.saiki.model.ComputeWeights;
import dev.saiki.model.RecursiveTransformer;
import dev.saiki.model.Teacher;
import dev.saiki.model.TrainedParameters;
import dev.saiki.tensor.TorchRuntime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.function.BiFunction;

/// A pool of threads that compute micro-batches in parallel, each with its own model instance over shared weights.
///
/// On a CPU one thread per micro-batch is faster than several threads per operation: small operations do not repay
/// the cost of splitting, and with one thread per micro-batch elementwise passes use all cores too, not only
/// matrix products.
///
/// Even a single worker gets its own thread. On the caller's thread LibTorch would split its operations over
/// several threads. LibTorch rounds SiLU differently in full vector registers than in the remainder at the end of
/// each thread's part, so the number of threads would affect the last bits.
final class MicroBatchWorkers implements AutoCloseable {

    private final List<Worker> workers = new ArrayList<>();
    private final ExecutorService executor;

    /// The model and the teacher of one thread.
    ///
    /// @param model the model, which accumulates the gradients
    /// @param teacher the teacher of the run; empty if there is none
    record Worker(RecursiveTransformer model, Optional<Teacher.Pass> teacher) {}

    MicroBatchWorkers(
            ComputeWeights weights,
            TrainedParameters trained,
            Optional<Teacher> teacher,
            int count,
            RecursiveTransformer.Activations activations) {
        for (int worker = 0; worker < count; worker++) {
            workers.add(
                    new Worker(new RecursiveTransformer(weights, trained, activations), teacher.map(Teacher::newPass)));
        }
        this.executor = TorchRuntime.executor("saiki-micro-batch-", count, 1);
    }

    int count() {
        return workers.size();
    }

    RecursiveTransformer model(int worker) {
        return workers.get(worker).model();
    }

    /// Runs the task for several micro-batches in parallel, at most one per worker, and returns when all are done.
    /// If a micro-batch fails, its exception is thrown after all have finished.
    <T, R> List<R> runTogether(List<T> items, BiFunction<Worker, T, R> task) {
        List<CompletableFuture<R>> futures = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            Worker worker = workers.get(i);
            T item = items.get(i);
            futures.add(CompletableFuture.supplyAsync(() -> task.apply(worker, item), executor));
        }
        List<R> results = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        // Joining waits even if interrupted: a worker must not outlive the memory it uses.
        for (CompletableFuture<R> future : futures) {
            try {
                results.add(future.join());
            } catch (CompletionException e) {
                failures.add(e.getCause() == null ? e : e.getCause());
            }
        }
        if (!failures.isEmpty()) {
            throw rethrown(failures.getFirst());
        }
        return results;
    }

    private static RuntimeException rethrown(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        return failure instanceof RuntimeException runtime ? runtime : new IllegalStateException(failure);
    }

    @Override
    public void close() {
        executor.close();
        workers.forEach(worker -> {
            worker.model().close();
            worker.teacher().ifPresent(Teacher.Pass::close);
        });
    }
}
