package dev.saiki.cli.model;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.CacheFormat;
import dev.saiki.engine.settings.Kernels;
import dev.saiki.engine.settings.WeightFormat;
import java.util.List;

/// The memory that a vanilla model needs in a number format of its weights.
///
/// @param weights the number format
/// @param weightBytes the size of the weights
/// @param cacheBytesPerToken the size of a token's keys and values, in the default format beside these weights
record ModelNeeds(String weights, long weightBytes, long cacheBytesPerToken) {

    static ModelNeeds of(WeightFormat format, ModelConfig config, List<StoredTensor> tensors) {
        CacheFormat cache = CacheFormat.beside(format, Engine.kernels(format) == Kernels.C);
        long slots = 2L * config.numHiddenLayers() * config.numKeyValueHeads();
        return new ModelNeeds(format.key(), format.bytes(tensors), slots * cache.slotBytes(config.headDim()));
    }
}
