package dev.saiki.model.routing;

import dev.saiki.tensor.DType;
import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/// A small network that scores tokens: one matrix, or two with a GELU between them. Computes in float32.
///
/// @param matrices `[out, hidden]`, or `[inner, hidden]` and `[out, inner]`
/// @param temperature the divisor of the network's input
/// @param positionFeatures FLOAT32 `[positions, hidden]`, the input of a position-only router instead of hidden
///     states; empty for any other router
public record RouterHead(List<Tensor> matrices, double temperature, Optional<Tensor> positionFeatures) {

    /// Creates a network that reads hidden states.
    ///
    /// @param matrices `[out, hidden]`, or `[inner, hidden]` and `[out, inner]`
    /// @param temperature the divisor of the hidden state
    public RouterHead(List<Tensor> matrices, double temperature) {
        this(matrices, temperature, Optional.empty());
    }

    /// Scores tokens.
    ///
    /// @param hidden `[n, hidden]`
    /// @param tokens the n tokens
    /// @return FLOAT32 raw logits `[n, out]`
    public Tensor logits(Tensor hidden, ActiveTokens tokens) {
        Tensor scaled = positionFeatures
                .map(features -> features.rows(tokens.positionRows()))
                .orElse(hidden)
                .to(DType.FLOAT32);
        if (temperature != 1) {
            scaled = scaled.multiply(1 / temperature);
        }
        Tensor first = Functional.linear(scaled, matrices.getFirst());
        return matrices.size() == 1 ? first : Functional.linear(Functional.gelu(first), matrices.get(1));
    }
}
