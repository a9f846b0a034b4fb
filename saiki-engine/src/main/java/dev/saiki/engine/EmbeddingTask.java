package dev.saiki.engine;

import dev.saiki.engine.model.TokenChunk;
import dev.saiki.engine.sampling.NonFiniteException;
import dev.saiki.engine.settings.RouteSettings;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// A task that embeds a text by summing its states.
///
/// It shares no prefixes: it needs the last state of every token, which no page stores.
final class EmbeddingTask implements SequenceTask {

    private final int[] ids;
    private final RouteSettings route;
    private final double[] sum;
    private final CompletableFuture<TextEmbedding> result = new CompletableFuture<>();

    EmbeddingTask(int[] ids, RouteSettings route, int hidden) {
        this.ids = ids.clone();
        this.route = route;
        this.sum = new double[hidden];
    }

    CompletableFuture<TextEmbedding> result() {
        return result;
    }

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

    /// Nothing is predicted.
    @Override
    public boolean wantsLogits(int position, int length) {
        return false;
    }

    @Override
    public Optional<FinishReason> takeLogits(Sequence sequence, TokenChunk chunk, int token, float[] logits) {
        throw new IllegalStateException("an embedding wants no logits");
    }

    @Override
    public boolean wantsStates() {
        return true;
    }

    /// Takes tokens that have been through the model. After a preemption they are passed again, from the first one
    /// on.
    ///
    /// @throws NonFiniteException if a state is NaN or infinite
    @Override
    public void takeStates(int firstPosition, TokenChunk chunk, float[] states) {
        if (firstPosition == 0) {
            Arrays.fill(sum, 0);
        }
        for (int i = 0; i < chunk.count() * sum.length; i++) {
            if (!Float.isFinite(states[i])) {
                throw new NonFiniteException("the last state of a token has a number that is NaN or infinite");
            }
            sum[i % sum.length] += states[i];
        }
    }

    @Override
    public void end(FinishReason reason, Optional<Throwable> failure, SequenceUsage usage) {
        if (reason != FinishReason.MAX_TOKENS) {
            result.completeExceptionally(SequenceTask.failureOf(reason, failure));
        } else if (Arrays.stream(sum).allMatch(value -> value == 0)) {
            result.completeExceptionally(new NonFiniteException("the last states of a text are zero in the mean"));
        } else {
            result.complete(
                    new TextEmbedding(TextEmbedding.direction(sum), usage.depths(), usage.overruled(), usage.queued()));
        }
    }
}
