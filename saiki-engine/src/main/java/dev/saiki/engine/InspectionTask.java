package dev.saiki.engine;

import dev.saiki.engine.InspectedToken.DepthPrediction;
import dev.saiki.engine.model.TokenChunk;
import dev.saiki.engine.sampling.TokenDistribution;
import dev.saiki.engine.settings.RouteSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// A task that inspects a text token by token.
///
/// It shares no prefixes: it needs the router's decisions for every token.
final class InspectionTask implements SequenceTask {

    private final int[] ids;
    private final int alternatives;
    private final RouteSettings route;
    private final Consumer<InspectedToken> seen;
    private final SortedMap<Integer, InspectedToken> tokens = new TreeMap<>();
    private final CompletableFuture<List<InspectedToken>> result = new CompletableFuture<>();
    private double logprobOfNext = Double.NaN;

    InspectionTask(int[] ids, int alternatives, RouteSettings route, Consumer<InspectedToken> seen) {
        this.ids = ids.clone();
        this.alternatives = alternatives;
        this.route = route;
        this.seen = seen;
    }

    CompletableFuture<List<InspectedToken>> result() {
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

    @Override
    public boolean wantsLogits(int position, int length) {
        return true;
    }

    @Override
    public boolean isTraced() {
        return true;
    }

    /// Takes a token that has been through the model. After a preemption it is passed again, unchanged.
    @Override
    public Optional<FinishReason> takeLogits(Sequence sequence, TokenChunk chunk, int token, float[] logits) {
        int position = sequence.processed();
        List<DepthPrediction> predictions = new ArrayList<>();
        chunk.trace().predicted().forEach((depth, earlier) -> predictions.add(prediction(position, depth, earlier)));
        int depth = chunk.depth(0);
        predictions.add(prediction(position, depth, logits));
        double logprob = position == 0 ? Double.NaN : logprobOfNext;
        logprobOfNext = predictions.getLast().nextLogprob();
        InspectedToken inspected = new InspectedToken(
                position, ids[position], logprob, depth, chunk.trace().decisions(), predictions);
        tokens.put(position, inspected);
        seen.accept(inspected);
        return Optional.empty();
    }

    private DepthPrediction prediction(int position, int depth, float[] logits) {
        TokenDistribution distribution = new TokenDistribution(logits);
        double next = position + 1 < ids.length ? distribution.logprob(ids[position + 1]) : Double.NaN;
        return new DepthPrediction(depth, distribution.likeliest(alternatives), next);
    }

    @Override
    public void end(FinishReason reason, Optional<Throwable> failure, SequenceUsage usage) {
        if (reason == FinishReason.MAX_TOKENS) {
            result.complete(List.copyOf(tokens.values()));
        } else {
            result.completeExceptionally(SequenceTask.failureOf(reason, failure));
        }
    }
}
