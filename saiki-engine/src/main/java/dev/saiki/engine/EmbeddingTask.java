package dev.saiki.engine;

import dev.saiki.engine.model.TokenChunk;
import dev.saiki.engine.sampling.NonFiniteException;
import dev.saiki.engine.settings.RouteSettings;
import java.util.Arrays;

/// A task that computes the embedding of a text as the mean of its tokens' states.
final class EmbeddingTask extends ReadingTask<TextEmbedding> {

    private final double[] sum;

    EmbeddingTask(int[] ids, RouteSettings route, int hidden) {
        super(ids.clone(), route);
        this.sum = new double[hidden];
    }

    /// Returns false, because an embedding needs no predictions.
    @Override
    public boolean wantsLogits(int position, int length) {
        return false;
    }

    @Override
    public boolean wantsStates() {
        return true;
    }

    /// Takes a chunk of tokens that the model has processed. After a preemption the tokens are passed again, from
    /// the first one on.
    ///
    /// @throws NonFiniteException if a state is NaN or infinite
    @Override
    public void takeStates(int firstPosition, TokenChunk chunk, float[] states) {
        if (firstPosition == 0) {
            Arrays.fill(sum, 0);
        }
        for (int i = 0; i < chunk.count() * sum.length; i++) {
            if (!Float.isFinite(states[i])) {
                throw new NonFiniteException("the last state of a token contains NaN or infinity");
            }
            sum[i % sum.length] += states[i];
        }
    }

    @Override
    TextEmbedding resultOf(SequenceUsage usage) {
        if (Arrays.stream(sum).allMatch(value -> value == 0)) {
            throw new NonFiniteException("the mean of the last states of a text is zero");
        }
        return new TextEmbedding(TextEmbedding.direction(sum), usage.depths(), usage.overruled(), usage.queued());
    }
}
