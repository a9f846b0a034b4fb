package dev.saiki.model;

import dev.saiki.tensor.Autograd;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import dev.saiki.tensor.TokenCrossEntropy;
import dev.saiki.tensor.TokenDivergence;
import java.util.Optional;
import java.util.function.BinaryOperator;

/// A loss of the head's predictions, and its gradient with respect to the head's input.
///
/// The backward pass of the layers continues from {@link #ofHidden}. Autograd is not used here, because it keeps
/// several arrays of the size of the logits ({@link TokenCrossEntropy}) and, if the embedding is tied, needs
/// another array to add the head's gradient to the embedding's.
///
/// @param lossSum FLOAT64 nats, summed over targets; without dimensions, in the caller's scope
/// @param ofTokens FLOAT32 `[n]`, the loss of each target in nats, in the caller's scope
/// @param ofHidden `[n, hidden]`, the gradient of the head's input, in the caller's scope
record HeadGradient(Tensor lossSum, Tensor ofTokens, Tensor ofHidden) {

    /// Computes the cross-entropy and its gradient, and adds the gradient of the head's weights to their
    /// accumulated gradient.
    ///
    /// @param hidden `[n, hidden]`, normalised
    /// @param head the head; its frozen parts get no gradient
    /// @param targets INT64 `[n]`
    /// @param weight the factor by which the gradient of the cross-entropy is multiplied
    static HeadGradient of(Tensor hidden, TokenHead head, Tensor targets, double weight) {
        return of(
                hidden,
                head,
                targets.count(),
                weight == 0,
                (gradient, ofTokens) -> TokenCrossEntropy.replaceByGradient(gradient, targets, weight, ofTokens));
    }

    /// Computes temperature² times the divergence from a target prediction, and its gradient.
    ///
    /// @param hidden `[n, hidden]`, normalised
    /// @param head the head; its frozen parts get no gradient
    /// @param wanted `[n, V]`, the logits of the target prediction
    /// @param temperature the number by which both logits are divided
    /// @param weight the factor by which the gradient of the loss is multiplied
    static HeadGradient towards(Tensor hidden, TokenHead head, Tensor wanted, double temperature, double weight) {
        return of(
                hidden,
                head,
                hidden.size(0),
                false,
                (gradient, ofTokens) ->
                        TokenDivergence.replaceByGradient(gradient, wanted, temperature, weight, ofTokens));
    }

    /// Computes a loss that overwrites the logits with its gradient.
    private static HeadGradient of(
            Tensor hidden, TokenHead head, long count, boolean isConstant, BinaryOperator<Tensor> loss) {
        try (TensorScope scope = TensorScope.open();
                Autograd _ = Autograd.off()) {
            Tensor states = Autograd.detach(hidden);
            Tensor read = head.projected(states);
            Tensor gradient = head.logitsOfProjected(read);
            Optional<Tensor> slope = head.slopeAt(gradient);
            Tensor ofTokens = Tensors.like(hidden).zeros(DType.FLOAT32, count);
            Tensor sum = loss.apply(gradient, ofTokens);
            Tensor ofHidden = isConstant
                    ? states.multiply(0)
                    : ofHidden(states, read, head, slope.map(gradient::multiply).orElse(gradient));
            return new HeadGradient(scope.keep(sum), scope.keep(ofTokens), scope.keep(ofHidden));
        }
    }

    /// Runs the head's backward pass.
    private static Tensor ofHidden(Tensor states, Tensor read, TokenHead head, Tensor ofLogits) {
        if (Autograd.isRecorded(head.table())) {
            Autograd.gradient(head.table()).addProductInPlace(ofLogits.transpose(0, 1), read);
        }
        Tensor ofRead = ofLogits.matmul(head.table());
        return head.projection().map(map -> through(map, states, ofRead)).orElse(ofRead);
    }

    private static Tensor through(Tensor projection, Tensor states, Tensor ofRead) {
        if (Autograd.isRecorded(projection)) {
            Autograd.gradient(projection).addProductInPlace(states.transpose(0, 1), ofRead);
        }
        return Functional.linear(ofRead, projection);
    }
}
