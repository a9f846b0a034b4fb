package dev.saiki.model;

import dev.saiki.tensor.Autograd;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import dev.saiki.tensor.TokenCrossEntropy;

/// The cross-entropy of a head, and its gradient with respect to what the head read.
///
/// The backward pass of the layers goes on from {@link #ofHidden}. It is not left to autograd, which keeps several
/// arrays of the size of the logits ({@link TokenCrossEntropy}) and adds the head's gradient to that of a tied
/// embedding in an array of its own.
///
/// @param crossEntropySum nats, summed over targets
/// @param ofTokens FLOAT32 `[n]`, nats of each target, in the caller's scope
/// @param ofHidden `[n, hidden]`, in the caller's scope
record HeadGradient(double crossEntropySum, Tensor ofTokens, Tensor ofHidden) {

    /// Computes both, and adds the gradient of the head onto what the head has accumulated.
    ///
    /// @param hidden `[n, hidden]`, normalised
    /// @param head what is frozen of it has no gradient
    /// @param targets INT64 `[n]`
    /// @param weight what the cross-entropy is multiplied by before the gradient is taken
    static HeadGradient of(Tensor hidden, TokenHead head, Tensor targets, double weight) {
        try (TensorScope scope = TensorScope.open();
                Autograd _ = Autograd.off()) {
            Tensor states = Autograd.detach(hidden);
            Tensor read = head.projected(states);
            Tensor gradient = Functional.linear(read, head.table());
            Tensor ofTokens = Tensors.zeros(DType.FLOAT32, targets.count());
            double sum = TokenCrossEntropy.replaceByGradient(gradient, targets, weight, ofTokens);
            if (weight == 0) {
                return new HeadGradient(sum, scope.keep(ofTokens), scope.keep(states.multiply(0)));
            }
            if (Autograd.isRecorded(head.table())) {
                Autograd.gradient(head.table()).addProductInPlace(gradient.transpose(0, 1), read);
            }
            Tensor ofRead = gradient.matmul(head.table());
            Tensor ofHidden =
                    head.projection().map(map -> through(map, states, ofRead)).orElse(ofRead);
            return new HeadGradient(sum, scope.keep(ofTokens), scope.keep(ofHidden));
        }
    }

    private static Tensor through(Tensor projection, Tensor states, Tensor ofRead) {
        if (Autograd.isRecorded(projection)) {
            Autograd.gradient(projection).addProductInPlace(states.transpose(0, 1), ofRead);
        }
        return Functional.linear(ofRead, projection);
    }
}
