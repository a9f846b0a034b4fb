package dev.saiki.tensor;

/// The cross-entropy between the logits of a vocabulary and the targets, computed together with its gradient.
///
/// The gradient is computed explicitly instead of recorded. Autograd would write the logits in float32, their
/// log-probabilities, and the gradients of both to memory one after the other, each as large as the logits. Here the
/// rows are processed in chunks ({@link LogitChunks}), and the gradient overwrites the logits. For a small model this
/// computation is a large part of a training step, because the head costs about as much as the layers.
public final class TokenCrossEntropy {

    private TokenCrossEntropy() {}

    /// Sums the negative log-probabilities of the targets, and overwrites the logits with the gradient of the sum.
    /// The gradient and the sum of each chunk of rows are computed in float32; the sums of chunks are added in
    /// float64.
    ///
    /// @param logits `[n, V]`, contiguous; overwritten with the gradient of the sum times `weight`
    /// @param targets INT64 `[n]`, each in [0, V)
    /// @param weight the factor by which the gradient is multiplied
    /// @param ofTokens FLOAT32 `[n]`; overwritten with the negative log-probability of each target, in nats
    /// @return FLOAT64 nats, summed; without dimensions, in the caller's scope
    public static Tensor replaceByGradient(Tensor logits, Tensor targets, double weight, Tensor ofTokens) {
        Tensor sum = Tensors.like(logits).zeros(DType.FLOAT64);
        LogitChunks.forEach(
                logits.device(),
                logits.size(0),
                logits.size(1),
                (first, count) -> sum.addInPlace(replace(
                        logits.narrow(0, first, count),
                        targets.narrow(0, first, count),
                        weight,
                        ofTokens.narrow(0, first, count))));
        return sum;
    }

    private static Tensor replace(Tensor logits, Tensor targets, double weight, Tensor ofTokens) {
        Tensor index = targets.reshape(-1, 1);
        Tensor minusOne =
                Tensors.like(logits).zeros(DType.FLOAT32, index.shape()).fillInPlace(-1);
        Tensor numbers = Functional.logSoftmax(logits.to(DType.FLOAT32), -1);
        Tensor ofTargets = numbers.gather(1, index);
        Tensor sum = ofTargets.sum().negate();
        ofTokens.copyFrom(ofTargets.reshape(-1).negate());
        numbers.handle().exp_();
        numbers.handle().scatter_add_(1, index.handle(), minusOne.handle());
        logits.copyFrom(numbers.multiplyInPlace(weight));
        return sum;
    }
}
