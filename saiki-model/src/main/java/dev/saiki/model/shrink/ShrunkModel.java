package dev.saiki.model.shrink;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import java.util.List;

/// A model with tied layers.
///
/// @param config the shrunk model's configuration, with as many unrolled layers as the original
/// @param tensors the shrunk model's tensors
/// @param losses the loss caused by tying, one entry per recursion step
public record ShrunkModel(ModelConfig config, List<StoredTensor> tensors, List<StepLoss> losses) {}
