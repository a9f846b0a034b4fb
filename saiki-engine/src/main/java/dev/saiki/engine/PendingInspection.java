package dev.saiki.engine;

import dev.saiki.engine.InspectedToken.DepthPrediction;
import dev.saiki.engine.model.Span;
import dev.saiki.engine.settings.RouteSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// A text that is being looked at.
final class PendingInspection implements Sequence.Work {

    private final int[] ids;
    private final int alternatives;
    private final RouteSettings route;
    private final Consumer<InspectedToken> seen;
    private final SortedMap<Integer, InspectedToken> tokens = new TreeMap<>();
    private final CompletableFuture<List<InspectedToken>> done = new CompletableFuture<>();
    private double logprobOfNext = Double.NaN;

    PendingInspection(int[] ids, int alternatives, RouteSettings route, Consumer<InspectedToken> seen) {
        this.ids = ids.clone();
        this.alternatives = alternatives;
        this.route = route;
        this.seen = seen;
    }

    CompletableFuture<List<InspectedToken>> future() {
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

    @Override
    public boolean wantsLogits(int position, int length) {
        return true;
    }

    @Override
    public boolean isTraced() {
        return true;
    }

    /// It needs every token on its way.
    @Override
    public boolean sharesPrefixes() {
        return false;
    }

    /// Takes a token that has been through the model. After a preemption it comes again, and is the same.
    ///
    /// @param position of the token
    /// @param span of it alone
    /// @param logits that follow it
    void take(int position, Span span, float[] logits) {
        List<DepthPrediction> predictions = new ArrayList<>();
        span.trace().predicted().forEach((depth, earlier) -> predictions.add(prediction(position, depth, earlier)));
        int depth = span.depths()[0];
        predictions.add(prediction(position, depth, logits));
        double logprob = position == 0 ? Double.NaN : logprobOfNext;
        logprobOfNext = predictions.getLast().nextLogprob();
        InspectedToken token = new InspectedToken(
                position, ids[position], logprob, depth, span.trace().decisions(), predictions);
        tokens.put(position, token);
        seen.accept(token);
    }

    private DepthPrediction prediction(int position, int depth, float[] logits) {
        TokenDistribution distribution = new TokenDistribution(logits);
        double next = position + 1 < ids.length ? distribution.logprob(ids[position + 1]) : Double.NaN;
        return new DepthPrediction(depth, distribution.likeliest(alternatives), next);
    }

    @Override
    public void end(FinishReason reason, Optional<Throwable> failure, Sequence.Spent spent) {
        if (reason == FinishReason.MAX_TOKENS) {
            done.complete(List.copyOf(tokens.values()));
        } else {
            done.completeExceptionally(PendingScore.early(reason, failure));
        }
    }
}
