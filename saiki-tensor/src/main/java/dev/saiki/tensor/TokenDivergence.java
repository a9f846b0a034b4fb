package dev.saiki.tensor;

/// The divergence (Kullback and Leibler's) of one prediction of the next token from another, token by token.
///
/// The predictions are computed from hidden states a few rows at a time, so that no array of the size of
/// all logits is needed.
public final class TokenDivergence {

    /// Numbers in float32 that are worked on at a time, as in {@link TokenCrossEntropy}.
    private static final long CHUNK_NUMBERS = 1 << 18;

    private TokenDivergence() {}

    /// Computes Σ p · ln (p / q) for each token, in float32 and without recording.
    ///
    /// @param ofStates `[n, hidden]`, from which the head predicts p
    /// @param fromStates `[n, hidden]`, from which it predicts q
    /// @param head `[V, hidden]`
    /// @return FLOAT32 `[n]`, in nats, in the caller's scope
    public static Tensor of(Tensor ofStates, Tensor fromStates, Tensor head) {
        long rows = ofStates.size(0);
        long vocabulary = head.size(0);
        long chunk = Math.max(1, CHUNK_NUMBERS / vocabulary);
        try (TensorScope scope = TensorScope.open();
                Autograd _ = Autograd.off()) {
            Tensor result = Tensors.zeros(DType.FLOAT32, rows);
            for (long first = 0; first < rows; first += chunk) {
                long count = Math.min(chunk, rows - first);
                try (TensorScope _ = TensorScope.open()) {
                    Tensor p = logProbabilities(ofStates.narrow(0, first, count), head);
                    Tensor q = logProbabilities(fromStates.narrow(0, first, count), head);
                    Tensor terms = Functional.softmax(p, -1).multiply(p.subtract(q));
                    result.narrow(0, first, count)
                            .copyFrom(
                                    terms.mean(1).multiply((double) vocabulary).reshape(-1));
                }
            }
            return scope.keep(result);
        }
    }

    private static Tensor logProbabilities(Tensor states, Tensor head) {
        return Functional.logSoftmax(Functional.linear(states, head).to(DType.FLOAT32), -1);
    }
}
