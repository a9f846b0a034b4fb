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
import java.util.function.Consumer;

/// A task that inspects a text token by token.
final class InspectionTask extends ReadingTask<List<InspectedToken>> {

    private final int alternatives;
    private final Consumer<InspectedToken> seen;
    private final SortedMap<Integer, InspectedToken> tokens = new TreeMap<>();
    private double logprobOfNext = Double.NaN;

    InspectionTask(int[] ids, int alternatives, RouteSettings route, Consumer<InspectedToken> seen) {
        super(ids.clone(), route);
        this.alternatives = alternatives;
        this.seen = seen;
    }

    @Override
    public boolean wantsLogits(int position, int length) {
        return true;
    }

    @Override
    public boolean isTraced() {
        return true;
    }

    /// Takes a token that the model has processed. After a preemption the token is passed again, unchanged.
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
    List<InspectedToken> resultOf(SequenceUsage usage) {
        return List.copyOf(tokens.values());
    }
}
