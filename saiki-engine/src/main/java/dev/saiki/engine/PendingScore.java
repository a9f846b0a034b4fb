package dev.saiki.engine;

import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// A score that is being computed.
final class PendingScore {

    private final TokenScores scores;
    private final CompletableFuture<TokenScores> done = new CompletableFuture<>();

    PendingScore(int tokens) {
        double[] logprobs = new double[tokens];
        Arrays.fill(logprobs, Double.NaN);
        this.scores = new TokenScores(logprobs, new int[tokens]);
    }

    void logprob(int position, double value) {
        scores.logprobs()[position] = value;
    }

    void depths(int firstPosition, int[] depths) {
        System.arraycopy(depths, 0, scores.depths(), firstPosition, depths.length);
    }

    /// Called when all positions were computed.
    void complete() {
        done.complete(scores);
    }

    void fail(FinishReason reason, Optional<Throwable> failure) {
        done.completeExceptionally(
                failure.orElseGet(() -> new IllegalStateException("the score ended early: " + reason)));
    }

    CompletableFuture<TokenScores> future() {
        return done;
    }
}
