package dev.saiki.checkpoint;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// Tensors that other tools store although they are redundant: rotary frequencies, which follow from the
/// configuration, the head of a model with tied embedding, and biases of zeros.
final class RedundantTensors {

    private static final String FREQUENCIES = ".rotary_emb.inv_freq";
    private static final String BIAS = ".bias";

    private RedundantTensors() {}

    /// Removes the redundant tensors. A head that differs from the embedding to which it should be tied is kept;
    /// the tensor check then refuses it.
    ///
    /// @param config the model
    /// @param stored all tensors in the model's files
    static SequencedMap<String, StoredTensor> leaveOut(ModelConfig config, SequencedMap<String, StoredTensor> stored) {
        SequencedMap<String, StoredTensor> kept = new LinkedHashMap<>(stored);
        kept.keySet().removeIf(name -> name.endsWith(FREQUENCIES));
        @Nullable StoredTensor head = stored.get(ParameterNames.HEAD);
        @Nullable StoredTensor embedding = stored.get(ParameterNames.EMBEDDING);
        if (config.tieWordEmbeddings() && head != null && embedding != null && isSame(head, embedding)) {
            kept.remove(ParameterNames.HEAD);
        }
        return kept;
    }

    /// Removes the biases that the model does not have, if they are zero. Old tools for GPTQ store them in every
    /// model.
    ///
    /// @param config the model
    /// @param separate the model's tensors, none of them fused
    static SequencedMap<String, StoredTensor> leaveOutZeroBiases(
            ModelConfig config, SequencedMap<String, StoredTensor> separate) {
        Set<String> own = ParameterNames.allowed(config).keySet();
        SequencedMap<String, StoredTensor> kept = new LinkedHashMap<>(separate);
        kept.values()
                .removeIf(tensor -> tensor.name().endsWith(BIAS) && !own.contains(tensor.name()) && isZero(tensor));
        return kept;
    }

    private static boolean isZero(StoredTensor tensor) {
        return LongStream.range(0, tensor.data().byteSize())
                .allMatch(at -> tensor.data().get(ValueLayout.JAVA_BYTE, at) == 0);
    }

    private static boolean isSame(StoredTensor one, StoredTensor other) {
        boolean same = one.type() == other.type()
                && one.shape().equals(other.shape())
                && one.data().mismatch(other.data()) < 0;
        one.unload();
        other.unload();
        return same;
    }
}
