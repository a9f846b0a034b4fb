package dev.saiki.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// A score that is being computed.
final class PendingScore {

    private final ScoreRequest request;
    private final double[] logprobs;
    private final int[] depths;
    private final List<List<TokenAlternative>> alternatives;
    private final CompletableFuture<TokenScores> done = new CompletableFuture<>();

    PendingScore(ScoreRequest request) {
        this.request = request;
        this.logprobs = new double[request.ids().length];
        Arrays.fill(logprobs, Double.NaN);
        this.depths = new int[request.read()];
        this.alternatives = new ArrayList<>(Collections.nCopies(logprobs.length, List.of()));
    }

    /// Takes the logits from which the token at a position is predicted.
    void take(int position, float[] logits) {
        TokenDistribution distribution = new TokenDistribution(logits);
        logprobs[position] = distribution.logprob(request.ids()[position]);
        alternatives.set(position, distribution.likeliest(request.alternatives()));
    }

    void depths(int firstPosition, int[] ofSpan) {
        System.arraycopy(ofSpan, 0, depths, firstPosition, ofSpan.length);
    }

    /// Called when all positions were computed.
    void complete(int overruled) {
        done.complete(new TokenScores(logprobs, depths, overruled, alternatives));
    }

    void fail(FinishReason reason, Optional<Throwable> failure) {
        done.completeExceptionally(early(reason, failure));
    }

    /// Why there is no result.
    static Throwable early(FinishReason reason, Optional<Throwable> failure) {
        return failure.orElseGet(() -> new IllegalStateException("the work ended early: " + reason));
    }

    CompletableFuture<TokenScores> future() {
        return done;
    }
}
