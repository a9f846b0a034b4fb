package dev.saiki.engine.model;

import static dev.saiki.engine.kernel.RowKernels.ROWS;

import dev.saiki.checkpoint.config.PositionFeatures;
import dev.saiki.checkpoint.config.RouterType;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The small network that scores a token in float32: one matrix, or two with a GELU between them.
///
/// @param matrices `[out, hidden]`, or `[inner, hidden]` and `[out, inner]`, row-major
/// @param widths lengths of the rows of the matrices
/// @param outputs number of scores for each token
/// @param temperature number by which the network's input is divided
/// @param positionFeatures input that replaces the token's state in a position-only router; empty for all other
///     routers
record RouterNetwork(
        List<float[]> matrices,
        List<Integer> widths,
        int outputs,
        double temperature,
        Optional<PositionFeatures> positionFeatures) {

    private static final double INVERSE_ROOT_2 = 1 / Math.sqrt(2);

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

    /// Computes the scores of a token.
    ///
    /// @param chunk the chunk of the token
    /// @param token index in the chunk
    /// @param flops counter of the router's arithmetic
    /// @return raw logits `[out]`
    float[] logits(TokenChunk chunk, int token, FlopCounter flops) {
        int width = widths.getFirst();
        float[] input = chunk.states;
        int from = chunk.stateOf(token);
        if (positionFeatures.isPresent()) {
            input = positionFeatures.get().of(chunk.position(token));
            from = 0;
        }
        if (temperature != 1) {
            input = scaled(input, from, width);
            from = 0;
        }
        float[] first = product(0, input, from, width, flops);
        if (matrices.size() == 1) {
            return first;
        }
        for (int i = 0; i < first.length; i++) {
            first[i] = gelu(first[i]);
        }
        return product(1, first, 0, first.length, flops);
    }

    private float[] scaled(float[] input, int from, int width) {
        float scale = (float) (1 / temperature);
        float[] scaled = new float[width];
        for (int i = 0; i < width; i++) {
            scaled[i] = input[from + i] * scale;
        }
        return scaled;
    }

    private float[] product(int index, float[] input, int from, int width, FlopCounter flops) {
        float[] matrix = matrices.get(index);
        float[] result = new float[matrix.length / width];
        for (int row = 0; row < result.length; row++) {
            result[row] = ROWS.dot(matrix, row * width, input, from, width);
        }
        flops.router(width, result.length);
        return result;
    }

    /// GELU in PyTorch's default, exact form: x · Φ(x), where Φ is the normal distribution function.
    private static float gelu(float x) {
        return (float) (0.5 * x * (1 + ErrorFunction.erf(x * INVERSE_ROOT_2)));
    }
}
