package dev.saiki.engine.model;

import dev.saiki.checkpoint.config.PositionFeatures;
import dev.saiki.checkpoint.config.RouterType;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.engine.kernel.Vectors;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The small network that scores a token: one matrix, or two with a GELU between them. In float32.
///
/// @param matrices `[out, hidden]`, or `[inner, hidden]` and `[out, inner]`, row-major
/// @param widths lengths of the rows of the matrices
/// @param outputs scores of a token
/// @param temperature divides what the network sees
/// @param positionFeatures what a position-only router sees in place of the token's state; empty for every other
record RouterNetwork(
        List<float[]> matrices,
        List<Integer> widths,
        int outputs,
        double temperature,
        Optional<PositionFeatures> positionFeatures) {

    private static final double INVERSE_ROOT_2 = 1 / Math.sqrt(2);

    RouterNetwork {
        matrices = List.copyOf(matrices);
        widths = List.copyOf(widths);
    }

    static RouterNetwork read(
            Map<String, StoredTensor> tensors, String prefix, RouterType type, int outputs, double temperature) {
        List<String> names = switch (type) {
            case LINEAR, POSITION -> List.of("weight");
            case MLP, WIDE_MLP -> List.of("0.weight", "2.weight");
        };
        List<StoredTensor> stored = names.stream()
                .map(name -> EngineWeights.require(tensors, prefix + name))
                .toList();
        return new RouterNetwork(
                stored.stream().map(StoredTensor::toFloats).toList(),
                stored.stream()
                        .map(tensor -> tensor.shape().getLast().intValue())
                        .toList(),
                outputs,
                temperature,
                type == RouterType.POSITION
                        ? Optional.of(new PositionFeatures(
                                stored.getFirst().shape().getLast().intValue()))
                        : Optional.empty());
    }

    /// Scores a token.
    ///
    /// @param span of the token
    /// @param token index in the span
    /// @param flops counts what the router takes
    /// @return raw logits `[out]`
    float[] logits(Span span, int token, FlopCounter flops) {
        int state = span.stateOf(token);
        float[] input = positionFeatures
                .map(features -> features.of(span.position(token)))
                .orElseGet(() -> Arrays.copyOfRange(span.states, state, state + widths.getFirst()));
        if (temperature != 1) {
            float scale = (float) (1 / temperature);
            for (int i = 0; i < input.length; i++) {
                input[i] *= scale;
            }
        }
        float[] first = product(0, input, flops);
        if (matrices.size() == 1) {
            return first;
        }
        for (int i = 0; i < first.length; i++) {
            first[i] = gelu(first[i]);
        }
        return product(1, first, flops);
    }

    private float[] product(int index, float[] input, FlopCounter flops) {
        float[] matrix = matrices.get(index);
        float[] result = new float[matrix.length / input.length];
        for (int row = 0; row < result.length; row++) {
            result[row] = Vectors.dot(matrix, row * input.length, input, 0, input.length);
        }
        flops.router(input.length, result.length);
        return result;
    }

    /// x · Φ(x), Φ being the normal distribution, in the exact form that PyTorch has by default.
    private static float gelu(float x) {
        return (float) (0.5 * x * (1 + ErrorFunction.erf(x * INVERSE_ROOT_2)));
    }
}
