package dev.saiki.model.shrink;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import java.util.List;

/// A model whose layers were tied.
///
/// @param config its configuration: as many unrolled layers as before
/// @param tensors its tensors
/// @param losses what tying lost, one entry a recursion step
public record ShrunkModel(ModelConfig config, List<StoredTensor> tensors, List<StepLoss> losses) {

    /// Keeps its own copies of the lists.
    public ShrunkModel {
        tensors = List.copyOf(tensors);
        losses = List.copyOf(losses);
    }
}
