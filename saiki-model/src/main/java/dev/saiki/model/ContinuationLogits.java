package dev.saiki.model;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import java.util.Arrays;
import java.util.List;

/// The predictions for the scored tokens of a batch's sequences; no logits are computed for the other tokens.
final class ContinuationLogits {

    /// The number of logits computed together, which bounds the memory for a large vocabulary.
    static final int LOGITS_AT_ONCE = 1 << 24;

    private final float[] logprobs;
    private final long[] likeliest;
    private final long[] targets;
    private final int[] starts;

    /// Computes the logits.
    ///
    /// @param continuations the sequences
    /// @param time the length of a padded row
    /// @param hidden `[B · T, hidden]`
    ContinuationLogits(RecursiveTransformer model, List<Continuation> continuations, int time, Tensor hidden) {
        int count = continuations.stream().mapToInt(Continuation::numScored).sum();
        starts = new int[continuations.size() + 1];
        targets = new long[count];
        long[] rows = new long[count];
        int at = 0;
        for (int b = 0; b < continuations.size(); b++) {
            Continuation continuation = continuations.get(b);
            for (int i = continuation.firstScored(); i < continuation.ids().length; i++) {
                rows[at] = (long) b * time + i - 1;
                targets[at] = continuation.ids()[i];
                at++;
            }
            starts[b + 1] = at;
        }
        logprobs = new float[count];
        likeliest = new long[count];
        int max = rowsAtOnce(model.config());
        for (int from = 0; from < count; from += max) {
            compute(model, hidden, rows, from, Math.min(count, from + max));
        }
    }

    /// The number of positions whose logits are computed together.
    static int rowsAtOnce(ModelConfig config) {
        return Math.max(1, LOGITS_AT_ONCE / config.vocabSize());
    }

    private void compute(RecursiveTransformer model, Tensor hidden, long[] rows, int from, int to) {
        int count = to - from;
        try (TensorScope _ = TensorScope.open()) {
            Tensor wanted = hidden.rows(Tensors.on(model.device()).of(Arrays.copyOfRange(rows, from, to), count));
            Tensor all = Functional.logSoftmax(model.logits(wanted).to(DType.FLOAT32), -1);
            Tensor ofTargets =
                    all.gather(1, Tensors.on(model.device()).of(Arrays.copyOfRange(targets, from, to), count, 1));
            System.arraycopy(ofTargets.toFloats(), 0, logprobs, from, count);
            System.arraycopy(Functional.argMax(all, -1).toLongs(), 0, likeliest, from, count);
        }
    }

    ScoredContinuation result(int sequence, int[] depths) {
        int from = starts[sequence];
        int count = starts[sequence + 1] - from;
        boolean[] greedy = new boolean[count];
        int[] predicted = new int[count];
        for (int i = 0; i < count; i++) {
            greedy[i] = likeliest[from + i] == targets[from + i];
            predicted[i] = Math.toIntExact(likeliest[from + i]);
        }
        return new ScoredContinuation(logprobs(sequence), greedy, predicted, depths);
    }

    double[] logprobs(int sequence) {
        double[] own = new double[starts[sequence + 1] - starts[sequence]];
        for (int i = 0; i < own.length; i++) {
            own[i] = logprobs[starts[sequence] + i];
        }
        return own;
    }
}
