package dev.saiki.engine;

import dev.saiki.engine.model.TokenChunk;
import dev.saiki.engine.sampling.NonFiniteException;
import dev.saiki.engine.settings.RouteSettings;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// A task that reads a text without continuing it and returns one result.
///
/// Reading tasks do not reuse prefixes: their results need the logits or states of every position, and pages store
/// neither.
///
/// @param <T> the type of the result
abstract sealed class ReadingTask<T> implements SequenceTask permits ScoringTask, InspectionTask, EmbeddingTask {

    final int[] ids;
    private final RouteSettings route;
    private final CompletableFuture<T> result = new CompletableFuture<>();

    /// Takes a text.
    ///
    /// @param ids the text; it is not modified
    ReadingTask(int[] ids, RouteSettings route) {
        this.ids = ids;
        this.route = route;
    }

    CompletableFuture<T> result() {
        return result;
    }

    /// The result of a text that the model has read.
    ///
    /// @throws NonFiniteException if no result can be computed
    abstract T resultOf(SequenceUsage usage);

    @Override
    public int[] prompt() {
        return ids.clone();
    }

    @Override
    public RouteSettings route() {
        return route;
    }

    @Override
    public int maxLength() {
        return ids.length;
    }

    @Override
    public Optional<FinishReason> takeLogits(Sequence sequence, TokenChunk chunk, int token, float[] logits) {
        throw new IllegalStateException("this task takes no logits");
    }

    @Override
    public void end(FinishReason reason, Optional<Throwable> failure, SequenceUsage usage) {
        if (reason != FinishReason.MAX_TOKENS) {
            result.completeExceptionally(
                    failure.orElseGet(() -> new IllegalStateException("the work ended early: " + reason)));
            return;
        }
        try {
            result.complete(resultOf(usage));
        } catch (NonFiniteException e) {
            result.completeExceptionally(e);
        }
    }
}
