package dev.saiki.train;

import dev.saiki.model.ComputeWeights;
import dev.saiki.model.RecursiveTransformer;
import dev.saiki.model.Teacher;
import dev.saiki.model.TrainedParameters;
import dev.saiki.tensor.TorchRuntime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiFunction;

/// A pool of threads that compute micro-batches in parallel, each with its own model over the same weights.
///
/// One thread a micro-batch beats several threads an operation on a CPU: small operations do not pay for being split,
/// and every elementwise pass, not only matrix products, then uses all cores.
///
/// A single worker has one thread too. LibTorch would split its operations over as many as the caller has, and rounds
/// SiLU otherwise in a full vector of numbers than in the rest at the end of a thread's part; where parts end then
/// decides about last bits.
final class MicroBatchWorkers implements AutoCloseable {

    private final List<Worker> workers = new ArrayList<>();
    private final ExecutorService executor;

    /// The weights and tensors of one thread.
    ///
    /// @param model accumulates the gradients
    /// @param teacher of the run; empty without one
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
        this.executor = Executors.newFixedThreadPool(
                count,
                task -> Thread.ofPlatform()
                        .name("saiki-micro-batch-", 0)
                        .daemon()
                        .unstarted(() -> {
                            TorchRuntime.setThreadsOfCaller(1);
                            task.run();
                        }));
    }

    int count() {
        return workers.size();
    }

    RecursiveTransformer model(int worker) {
        return workers.get(worker).model();
    }

    /// Runs the task for several micro-batches at once, at most as many as there are workers, and returns when all
    /// are done. If one fails, its exception is thrown after all have ended.
    <T, R> List<R> runTogether(List<T> items, BiFunction<Worker, T, R> task) {
        List<Future<R>> futures = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            Worker worker = workers.get(i);
            T item = items.get(i);
            futures.add(executor.submit(() -> task.apply(worker, item)));
        }
        List<R> results = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        for (Future<R> future : futures) {
            try {
                results.add(await(future));
            } catch (ExecutionException e) {
                failures.add(e.getCause() == null ? e : e.getCause());
            }
        }
        if (!failures.isEmpty()) {
            throw rethrown(failures.getFirst());
        }
        return results;
    }

    /// Waits to the end even if interrupted: a worker must not outlive the memory it works on.
    private static <R> R await(Future<R> future) throws ExecutionException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
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
