package dev.saiki.engine;

import dev.saiki.engine.model.TokenChunk;
import dev.saiki.engine.sampling.TokenDistribution;
import dev.saiki.engine.sampling.TokenLogprob;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// A task that scores a text.
final class ScoringTask extends ReadingTask<TokenScores> {

    private final ScoreRequest request;
    private final double[] logprobs;
    private final int[] depths;
    private final List<List<TokenLogprob>> alternatives;

    ScoringTask(ScoreRequest request) {
        super(Arrays.copyOf(request.ids(), request.read()), request.route());
        this.request = request;
        this.logprobs = new double[request.ids().length];
        Arrays.fill(logprobs, Double.NaN);
        this.depths = new int[request.read()];
        this.alternatives = new ArrayList<>(Collections.nCopies(logprobs.length, List.of()));
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
    TokenScores resultOf(SequenceUsage usage) {
        return new TokenScores(logprobs, depths, usage.overruled(), alternatives);
    }
}
