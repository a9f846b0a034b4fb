package dev.saiki.model.routing;

import dev.saiki.tensor.DType;
import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;
import java.util.List;

/// The small network that scores tokens: one matrix, or two with a GELU between them. Computes in float32.
///
/// @param matrices `[out, hidden]`, or `[inner, hidden]` and `[out, inner]`
/// @param temperature divides the hidden state
public record RouterNetwork(List<Tensor> matrices, double temperature) {

    /// Keeps its own copy of the list.
    public RouterNetwork {
        matrices = List.copyOf(matrices);
    }

    /// Scores tokens.
    ///
    /// @param hidden `[n, hidden]`
    /// @return FLOAT32 raw logits `[n, out]`
    public Tensor logits(Tensor hidden) {
        Tensor scaled = hidden.to(DType.FLOAT32);
        if (temperature != 1) {
            scaled = scaled.multiply(1 / temperature);
        }
        Tensor first = Functional.linear(scaled, matrices.getFirst());
        return matrices.size() == 1 ? first : Functional.linear(Functional.gelu(first), matrices.get(1));
    }
}
