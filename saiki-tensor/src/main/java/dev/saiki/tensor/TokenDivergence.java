package dev.saiki.tensor;

import java.util.function.UnaryOperator;

/// The Kullback-Leibler divergence between two next-token predictions, token by token.
///
/// The predictions are computed from hidden states in chunks of rows ({@link LogitChunks}), so that no array of the
/// size of all logits is needed.
public final class TokenDivergence {

    private TokenDivergence() {}

    /// Computes Σ p · ln (p / q) for each token, in float32 and without recording.
    ///
    /// @param ofStates `[n, hidden]`, the states from which the head predicts p
    /// @param fromStates `[n, hidden]`, the states from which the head predicts q
    /// @param vocabulary the size of the vocabulary V
    /// @param head maps states `[m, hidden]` to logits `[m, V]`
    /// @return FLOAT32 `[n]`, in nats, in the caller's scope
    public static Tensor of(Tensor ofStates, Tensor fromStates, long vocabulary, UnaryOperator<Tensor> head) {
        long rows = ofStates.size(0);
        try (TensorScope scope = TensorScope.open()) {
            Tensor result = Tensors.like(ofStates).zeros(DType.FLOAT32, rows);
            LogitChunks.forEach(ofStates.device(), rows, vocabulary, (first, count) -> {
                Tensor p = logProbabilities(ofStates.narrow(0, first, count), head);
                Tensor q = logProbabilities(fromStates.narrow(0, first, count), head);
                Tensor terms = Functional.softmax(p, -1).multiply(p.subtract(q));
                result.narrow(0, first, count)
                        .copyFrom(terms.mean(1).multiply((double) vocabulary).reshape(-1));
            });
            return scope.keep(result);
        }
    }

    /// Sums temperature² · Σ p · ln (p / q) over tokens, where the logits of both predictions are divided by
    /// the temperature, and overwrites the logits of q with the gradient of the sum. The gradient and the sum of
    /// each chunk of rows are computed in float32; the sums of chunks are added in float64.
    ///
    /// @param logits `[n, V]`, contiguous, of q; overwritten with the gradient of the sum times `weight`
    /// @param wanted `[n, V]`, the logits of p
    /// @param temperature the positive number by which the logits are divided
    /// @param weight the factor by which the gradient is multiplied
    /// @param ofTokens FLOAT32 `[n]`; overwritten with the contribution of each token, in nats
    /// @return FLOAT64 nats, summed; without dimensions, in the caller's scope
    public static Tensor replaceByGradient(
            Tensor logits, Tensor wanted, double temperature, double weight, Tensor ofTokens) {
        Tensor sum = Tensors.like(logits).zeros(DType.FLOAT64);
        LogitChunks.forEach(logits.device(), logits.size(0), logits.size(1), (first, count) -> {
            Tensor of = logits.narrow(0, first, count);
            Tensor p = softened(wanted.narrow(0, first, count), temperature);
            Tensor q = softened(of, temperature);
            Tensor likely = Functional.exp(p);
            Tensor each = likely.multiply(p.subtract(q))
                    .mean(1)
                    .multiply(temperature * temperature * logits.size(1))
                    .reshape(-1);
            ofTokens.narrow(0, first, count).copyFrom(each);
            sum.addInPlace(each.sum());
            of.copyFrom(Functional.exp(q).subtract(likely).multiplyInPlace(temperature * weight));
        });
        return sum;
    }

    private static Tensor softened(Tensor logits, double temperature) {
        return Functional.logSoftmax(logits.to(DType.FLOAT32).multiply(1 / temperature), -1);
    }

    private static Tensor logProbabilities(Tensor states, UnaryOperator<Tensor> head) {
        return Functional.logSoftmax(head.apply(states).to(DType.FLOAT32), -1);
    }
}
