package dev.saiki.checkpoint;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// Tensors that other tools store although they are redundant: rotary frequencies, which follow from the
/// configuration, and the head of a model with tied embedding.
final class RedundantTensors {

    private static final String FREQUENCIES = ".rotary_emb.inv_freq";

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

    private static boolean isSame(StoredTensor one, StoredTensor other) {
        boolean same = one.type() == other.type()
                && one.shape().equals(other.shape())
                && one.data().mismatch(other.data()) < 0;
        one.unload();
        other.unload();
        return same;
    }
}
