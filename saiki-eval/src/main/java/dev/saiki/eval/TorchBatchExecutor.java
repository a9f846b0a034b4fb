package dev.saiki.eval;

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
import java.util.concurrent.Future;
import java.util.function.IntConsumer;

/// An executor that scores continuations with LibTorch, in float32, several batches in parallel.
///
/// With several workers, each batch has one thread, because the operations on short texts are too small to divide
/// among threads. The contents of a batch depend only on the continuations, not on the number of threads.
public final class TorchBatchExecutor implements AutoCloseable {

    private final List<TeacherForcedScorer> scorers = new ArrayList<>();
    private final BlockingQueue<TeacherForcedScorer> idle;
    private final ExecutorService executor;
    private final int batchSize;
    private IntConsumer onBatch = _ -> {};

    /// A computation over one batch.
    ///
    /// @param <R> the answer for one continuation
    @FunctionalInterface
    public interface BatchTask<R> {

        /// Computes a batch.
        ///
        /// @param scorer the scorer; used by one thread at a time
        /// @param batch the continuations
        /// @return one result per continuation, in order
        List<R> answers(TeacherForcedScorer scorer, List<Continuation> batch);
    }

    /// Creates an executor with one scorer for each worker.
    ///
    /// @param weights the model; must outlive the scorers
    /// @param batchSize maximum number of continuations in a batch
    /// @param workers number of parallel batches
    public TorchBatchExecutor(ModelWeights weights, int batchSize, int workers) {
        this.batchSize = batchSize;
        this.idle = new ArrayBlockingQueue<>(workers);
        for (int worker = 0; worker < workers; worker++) {
            TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32);
            scorers.add(scorer);
            idle.add(scorer);
        }
        int threads = workers == 1 ? TorchRuntime.threadsOfCaller() : 1;
        this.executor = TorchRuntime.executor("saiki-eval-", workers, threads);
    }

    /// Sets a listener that receives the number of continuations in each finished batch.
    public void onBatch(IntConsumer listener) {
        onBatch = listener;
    }

    /// Scores continuations, each given its context.
    ///
    /// @param continuations the continuations with their contexts
    /// @param options routing rule, depth and effort
    /// @return one result per continuation, in order
    public List<ScoredContinuation> score(List<Continuation> continuations, ScoreOptions options) {
        return ask(continuations, (scorer, batch) -> scorer.scoreEnds(batch, options));
    }

    /// Evaluates a function on the continuations, batch by batch.
    ///
    /// @param continuations the continuations with their contexts
    /// @param question the function to evaluate on each batch
    /// @param <R> the answer for one continuation
    /// @return one result per continuation, in order
    public <R> List<R> ask(List<Continuation> continuations, BatchTask<R> question) {
        if (continuations.isEmpty()) {
            return List.of();
        }
        LengthSortedBatches order = new LengthSortedBatches(continuations);
        List<Future<List<R>>> futures = order.batches(batchSize).stream()
                .map(batch -> executor.submit(() -> answers(batch, question)))
                .toList();
        List<R> results = new ArrayList<>();
        try {
            for (Future<List<R>> future : futures) {
                List<R> answers = future.get();
                results.addAll(answers);
                onBatch.accept(answers.size());
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

    private <R> List<R> answers(List<Continuation> batch, BatchTask<R> question) throws InterruptedException {
        TeacherForcedScorer scorer = idle.take();
        try {
            return question.answers(scorer, batch);
        } finally {
            idle.add(scorer);
        }
    }

    /// Waits for running batches, and frees the scorers.
    @Override
    public void close() {
        executor.close();
        scorers.forEach(TeacherForcedScorer::close);
    }
}
