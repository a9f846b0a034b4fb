package dev.saiki.engine;

import dev.saiki.engine.model.Span;
import dev.saiki.engine.settings.RouteSettings;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// A text whose states are being added up.
final class PendingEmbedding implements Sequence.Work {

    private final int[] ids;
    private final RouteSettings route;
    private final double[] sum;
    private final CompletableFuture<TextEmbedding> done = new CompletableFuture<>();

    PendingEmbedding(int[] ids, RouteSettings route, int hidden) {
        this.ids = ids.clone();
        this.route = route;
        this.sum = new double[hidden];
    }

    CompletableFuture<TextEmbedding> future() {
        return done;
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
    public int longest() {
        return ids.length;
    }

    /// Nothing is predicted.
    @Override
    public boolean wantsLogits(int position, int length) {
        return false;
    }

    /// It needs the last state of every token, which no page keeps.
    @Override
    public boolean sharesPrefixes() {
        return false;
    }

    /// Takes tokens that have been through the model. After a preemption they come again, from the first one
    /// on.
    ///
    /// @param firstPosition of the tokens
    /// @param span of them
    /// @param states `[tokens, hidden]`, after the last norm
    /// @throws NotFiniteException if a state is NaN or infinite
    void take(int firstPosition, Span span, float[] states) {
        if (firstPosition == 0) {
            Arrays.fill(sum, 0);
        }
        for (int i = 0; i < span.count() * sum.length; i++) {
            if (!Float.isFinite(states[i])) {
                throw new NotFiniteException("the last state of a token has a number that is NaN or infinite");
            }
            sum[i % sum.length] += states[i];
        }
    }

    @Override
    public void end(FinishReason reason, Optional<Throwable> failure, Sequence.Spent spent) {
        if (reason != FinishReason.MAX_TOKENS) {
            done.completeExceptionally(PendingScore.early(reason, failure));
        } else if (Arrays.stream(sum).allMatch(value -> value == 0)) {
            done.completeExceptionally(new NotFiniteException("the last states of a text are zero in the mean"));
        } else {
            done.complete(
                    new TextEmbedding(TextEmbedding.direction(sum), spent.depths(), spent.overruled(), spent.queued()));
        }
    }
}
