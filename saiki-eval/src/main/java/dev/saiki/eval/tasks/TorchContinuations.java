package dev.saiki.eval.tasks;

import dev.saiki.model.Continuation;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredContinuation;
import dev.saiki.model.TeacherForcedScorer;
import dev.saiki.tensor.TorchRuntime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Scores with LibTorch, in float32, batches side by side.
///
/// One thread a batch: the small operations of short texts do not pay for being split. What a batch holds depends on
/// the continuations alone, not on the number of threads.
public final class TorchContinuations implements ContinuationScorer, AutoCloseable {

    private final List<TeacherForcedScorer> scorers = new ArrayList<>();
    private final BlockingQueue<TeacherForcedScorer> idle;
    private final ExecutorService executor;
    private final ScoreOptions options;
    private final int batchSize;

    /// Makes a scorer.
    ///
    /// @param weights the model; must outlive the scorer
    /// @param options how to route
    /// @param batchSize most continuations computed together
    /// @param workers batches computed side by side
    public TorchContinuations(ModelWeights weights, ScoreOptions options, int batchSize, int workers) {
        this.options = options;
        this.batchSize = batchSize;
        this.idle = new ArrayBlockingQueue<>(workers);
        for (int worker = 0; worker < workers; worker++) {
            TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32);
            scorers.add(scorer);
            idle.add(scorer);
        }
        int threads = workers == 1 ? TorchRuntime.threadsOfCaller() : 1;
        this.executor = Executors.newFixedThreadPool(
                workers,
                task -> Thread.ofPlatform().name("saiki-eval-", 0).daemon().unstarted(() -> {
                    TorchRuntime.setThreadsOfCaller(threads);
                    task.run();
                }));
    }

    @Override
    public List<ScoredContinuation> score(List<Continuation> continuations) {
        if (continuations.isEmpty()) {
            return List.of();
        }
        ByLength order = new ByLength(continuations);
        List<Future<List<ScoredContinuation>>> futures = order.batches(batchSize).stream()
                .map(batch -> executor.submit(() -> scoreBatch(batch)))
                .toList();
        List<ScoredContinuation> results = new ArrayList<>();
        try {
            for (Future<List<ScoredContinuation>> future : futures) {
                results.addAll(future.get());
            }
        } catch (ExecutionException e) {
            futures.forEach(future -> future.cancel(false));
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            futures.forEach(future -> future.cancel(false));
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while scoring", e);
        }
        return order.restored(results);
    }

    private List<ScoredContinuation> scoreBatch(List<Continuation> batch) throws InterruptedException {
        TeacherForcedScorer scorer = idle.take();
        try {
            return scorer.scoreEnds(batch, options);
        } finally {
            idle.add(scorer);
        }
    }

    /// Waits for batches at work, and frees the models.
    @Override
    public void close() {
        executor.close();
        scorers.forEach(TeacherForcedScorer::close);
    }
}
