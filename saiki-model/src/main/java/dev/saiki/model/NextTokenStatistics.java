package dev.saiki.model;

import dev.saiki.tensor.DType;
import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import java.util.Arrays;

/// Statistics of the next-token distribution at each position of a batch, computed in blocks of positions.
final class NextTokenStatistics {

    private final float[] logprobs;
    private final float[] entropies;
    private final long[] likeliest;

    /// Computes the statistics.
    ///
    /// @param hidden `[n, hidden]`
    /// @param followers the next id at each position
    NextTokenStatistics(RecursiveTransformer model, Tensor hidden, long[] followers) {
        int count = followers.length;
        logprobs = new float[count];
        entropies = new float[count];
        likeliest = new long[count];
        int max = Math.max(1, ContinuationLogits.LOGITS_AT_ONCE / model.config().vocabSize());
        for (int from = 0; from < count; from += max) {
            compute(model, hidden, followers, from, Math.min(count, from + max));
        }
    }

    private void compute(RecursiveTransformer model, Tensor hidden, long[] followers, int from, int to) {
        int count = to - from;
        try (TensorScope _ = TensorScope.open()) {
            Tensor logits = model.logits(hidden.narrow(0, from, count)).to(DType.FLOAT32);
            Tensor all = Functional.logSoftmax(logits, -1);
            Tensor ofFollowers =
                    all.gather(1, Tensors.on(model.device()).of(Arrays.copyOfRange(followers, from, to), count, 1));
            Tensor meanProduct = Functional.softmax(logits, -1).multiply(all).mean(-1);
            float[] entropy = meanProduct.multiply(-model.config().vocabSize()).toFloats();
            System.arraycopy(ofFollowers.toFloats(), 0, logprobs, from, count);
            System.arraycopy(entropy, 0, entropies, from, count);
            System.arraycopy(Functional.argMax(all, -1).toLongs(), 0, likeliest, from, count);
        }
    }

    float logprob(int row) {
        return logprobs[row];
    }

    float[] entropies(int from, int to) {
        return Arrays.copyOfRange(entropies, from, to);
    }

    long likeliest(int row) {
        return likeliest[row];
    }
}
