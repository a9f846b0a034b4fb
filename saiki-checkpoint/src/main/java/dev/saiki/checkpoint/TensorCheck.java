package dev.saiki.checkpoint;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.io.Suggestions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A comparison of a checkpoint's tensors with those that its configuration requires.
final class TensorCheck {

    private static final String CONFIG_KEY = "tie_word_embeddings";

    private TensorCheck() {}

    /// Finds the first tensor that is wrong.
    ///
    /// @return a message that names the tensor; empty if all are valid
    static Optional<String> problem(ModelConfig config, Map<String, StoredTensor> tensors) {
        SequencedMap<String, List<Long>> allowed = ParameterNames.allowed(config);
        for (String name : requiredNames(config, tensors)) {
            if (!tensors.containsKey(name)) {
                return Optional.of("tensor " + name + " is missing");
            }
        }
        for (StoredTensor tensor : tensors.values()) {
            @Nullable List<Long> shape = allowed.get(tensor.name());
            if (shape == null && tensor.name().equals(ParameterNames.HEAD)) {
                return Optional.of("tensor " + ParameterNames.HEAD + " differs from " + ParameterNames.EMBEDDING
                        + ", though " + CONFIG_KEY + " is true; set it to false if the head has its own weights");
            }
            if (shape == null) {
                return Optional.of(
                        "tensor " + tensor.name() + " does not belong to this model" + near(tensor, allowed));
            }
            if (!shape.equals(tensor.shape())) {
                return Optional.of("tensor " + tensor.name() + " must have shape " + shape + ", got " + tensor.shape());
            }
            if (ParameterNames.isStoredInFloat32(tensor.name()) && tensor.type() != StoredType.F32) {
                return Optional.of("tensor " + tensor.name() + " must be F32, got " + tensor.type());
            }
            if (!tensor.type().widensToFloat()) {
                return Optional.of("tensor " + tensor.name() + " must be F32, BF16 or F16, got " + tensor.type());
            }
        }
        return Optional.empty();
    }

    /// If one auxiliary router is present, all of them must be.
    private static Set<String> requiredNames(ModelConfig config, Map<String, StoredTensor> tensors) {
        SequencedMap<String, List<Long>> required = new LinkedHashMap<>(ParameterNames.required(config));
        SequencedMap<String, List<Long>> auxiliary = ParameterNames.auxiliaryRouters(config);
        if (auxiliary.keySet().stream().anyMatch(tensors::containsKey)) {
            required.putAll(auxiliary);
        }
        return required.keySet();
    }

    private static String near(StoredTensor tensor, Map<String, List<Long>> allowed) {
        List<String> closest = Suggestions.closest(tensor.name(), allowed.keySet());
        return closest.isEmpty() ? "" : "; similar names that belong to it: " + String.join(", ", closest);
    }
}
