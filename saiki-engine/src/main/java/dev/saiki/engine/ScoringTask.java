package dev.saiki.engine;

import dev.saiki.engine.model.TokenChunk;
import dev.saiki.engine.sampling.TokenDistribution;
import dev.saiki.engine.sampling.TokenLogprob;
import dev.saiki.engine.settings.RouteSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// A task that scores a text.
///
/// It shares no prefixes: it needs logits at all positions, and scored texts are rarely continued.
final class ScoringTask implements SequenceTask {

    private final ScoreRequest request;
    private final double[] logprobs;
    private final int[] depths;
    private final List<List<TokenLogprob>> alternatives;
    private final CompletableFuture<TokenScores> result = new CompletableFuture<>();

    ScoringTask(ScoreRequest request) {
        this.request = request;
        this.logprobs = new double[request.ids().length];
        Arrays.fill(logprobs, Double.NaN);
        this.depths = new int[request.read()];
        this.alternatives = new ArrayList<>(Collections.nCopies(logprobs.length, List.of()));
    }

    CompletableFuture<TokenScores> result() {
        return result;
    }

    @Override
    public int[] prompt() {
        return Arrays.copyOf(request.ids(), request.read());
    }

    @Override
    public RouteSettings route() {
        return request.route();
    }

    @Override
    public int maxLength() {
        return request.read();
    }

    @Override
    public boolean wantsLogits(int position, int length) {
        return position + 1 >= request.firstScored() && position + 1 < request.ids().length;
    }

    @Override
    public Optional<FinishReason> takeLogits(Sequence sequence, TokenChunk chunk, int token, float[] logits) {
        int predicted = sequence.processed() + token + 1;
        request.watcher().look(predicted, logits);
        TokenDistribution distribution = new TokenDistribution(logits);
        logprobs[predicted] = distribution.logprob(request.ids()[predicted]);
        alternatives.set(predicted, distribution.likeliest(request.alternatives()));
        return Optional.empty();
    }

    @Override
    public void takeChunk(int firstPosition, TokenChunk chunk) {
        chunk.copyDepths(depths, firstPosition);
    }

    @Override
    public void end(FinishReason reason, Optional<Throwable> failure, SequenceUsage usage) {
        if (reason == FinishReason.MAX_TOKENS) {
            result.complete(new TokenScores(logprobs, depths, usage.overruled(), alternatives));
        } else {
            result.completeExceptionally(SequenceTask.failureOf(reason, failure));
        }
    }
}
