package dev.saiki.eval.tasks;

import dev.saiki.engine.Engine;
import dev.saiki.engine.ScoreRequest;
import dev.saiki.engine.TokenScores;
import dev.saiki.engine.sampling.TokenLogprob;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.eval.LengthSortedBatches;
import dev.saiki.model.Continuation;
import dev.saiki.model.ScoredContinuation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// A continuation scorer on the engine, without LibTorch and with causal routing only.
///
/// @param engine the model; must outlive the scorer, and its queue must have room for a batch
/// @param route the requested depth or effort
/// @param batchSize number of continuations passed to the engine together
public record EngineContinuationScorer(Engine engine, RouteSettings route, int batchSize)
        implements ContinuationScorer {

    @Override
    public List<ScoredContinuation> score(List<Continuation> continuations) {
        if (continuations.isEmpty()) {
            return List.of();
        }
        LengthSortedBatches order = new LengthSortedBatches(continuations);
        List<ScoredContinuation> results = new ArrayList<>();
        for (List<Continuation> batch : order.batches(batchSize)) {
            List<CompletableFuture<TokenScores>> scores =
                    batch.stream().map(this::submit).toList();
            for (int i = 0; i < batch.size(); i++) {
                results.add(scored(batch.get(i), scores.get(i).join()));
            }
        }
        return order.restored(results);
    }

    private CompletableFuture<TokenScores> submit(Continuation continuation) {
        return engine.score(ScoreRequest.builder(continuation.ids(), route)
                .continuationFrom(continuation.firstScored())
                .alternatives(1)
                .build());
    }

    private static ScoredContinuation scored(Continuation continuation, TokenScores scores) {
        int first = continuation.firstScored();
        boolean[] likeliest = new boolean[continuation.numScored()];
        int[] predicted = new int[likeliest.length];
        for (int i = 0; i < likeliest.length; i++) {
            TokenLogprob best = scores.alternatives().get(first + i).getFirst();
            likeliest[i] = best.id() == continuation.ids()[first + i];
            predicted[i] = best.id();
        }
        double[] logprobs = Arrays.copyOfRange(scores.logprobs(), first, scores.logprobs().length);
        return new ScoredContinuation(logprobs, likeliest, predicted, scores.depths());
    }
}
