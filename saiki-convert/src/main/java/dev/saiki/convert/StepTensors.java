package dev.saiki.convert;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.checkpoint.config.StepLora;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The tensors of shared layers as each recursion step uses them, with the step's own norms and low-rank updates
/// applied.
///
/// @param config the model
/// @param stored all tensors of the model by name
record StepTensors(ModelConfig config, Map<String, StoredTensor> stored) {

    private static final String WEIGHT = ".weight";

    /// Tells whether a tensor of a layer belongs to a single recursion step.
    ///
    /// @param part the tensor's name without the layer's prefix
    static boolean isOfStep(String part) {
        return part.startsWith("steps.");
    }

    /// Finds the tensor that a recursion step uses.
    ///
    /// @param step the recursion step, from 0
    /// @param layer the unique layer
    /// @param part the shared tensor's name without the layer's prefix
    /// @param shared the shared tensor
    /// @return the shared tensor or the step's own tensor; in float32 if an update was added
    StoredTensor at(int step, int layer, String part, StoredTensor shared) {
        if (step == 0) {
            return shared;
        }
        String prefix = ParameterNames.step(layer, step);
        @Nullable StoredTensor norm = stored.get(prefix + part);
        if (norm != null) {
            return norm;
        }
        String map = prefix + (part.endsWith(WEIGHT) ? part.substring(0, part.length() - WEIGHT.length()) : part);
        @Nullable StoredTensor a = stored.get(map + ParameterNames.LORA_A);
        @Nullable StoredTensor b = stored.get(map + ParameterNames.LORA_B);
        return a == null || b == null || !part.endsWith(WEIGHT) ? shared : updated(shared, a, b);
    }

    /// Returns W + alpha / rank · B · A.
    private StoredTensor updated(StoredTensor shared, StoredTensor a, StoredTensor b) {
        StepLora lora = Objects.requireNonNull(
                config.recursion().flatMap(Recursion::stepLora).orElse(null), "updates without a key");
        float[] weights = shared.toFloats();
        float[] first = a.toFloats();
        float[] second = b.toFloats();
        int inputs = Math.toIntExact(shared.shape().getLast());
        for (int output = 0; output < weights.length / inputs; output++) {
            for (int input = 0; input < inputs; input++) {
                double sum = 0;
                for (int r = 0; r < lora.rank(); r++) {
                    sum += (double) second[output * lora.rank() + r] * first[r * inputs + input];
                }
                weights[output * inputs + input] += (float) (lora.scale() * sum);
            }
        }
        return StoredTensor.ofFloats(shared.name(), shared.shape(), weights);
    }
}
