package dev.saiki.cli.model;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.engine.Engine;
import dev.saiki.engine.WeightBandwidth;
import dev.saiki.engine.settings.CacheFormat;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.Kernels;
import dev.saiki.engine.settings.WeightFormat;
import java.util.List;

/// The memory that a vanilla model needs in a number format of its weights, and its speed on this machine.
///
/// @param weights the number format
/// @param weightBytes the size of the weights
/// @param cacheBytesPerToken the size of a token's keys and values, in the default format beside these weights
/// @param weightBytesPerToken the size of the weights that a token reads: the chosen experts alone, and no embedding
///     if the head has weights of its own
/// @param tokensPerSecond the tokens a second that the measured bandwidth allows one sequence after a short prompt
record ModelNeeds(
        String weights, long weightBytes, long cacheBytesPerToken, long weightBytesPerToken, double tokensPerSecond) {

    static ModelNeeds of(WeightFormat format, ModelConfig config, List<StoredTensor> tensors) {
        CacheFormat cache = CacheFormat.beside(format, Engine.kernels(format) == Kernels.C);
        long slots = 2L * config.numHiddenLayers() * config.numKeyValueHeads();
        long read = Math.round(tensors.stream()
                .mapToDouble(tensor -> shareRead(tensor.name(), config) * format.bytes(List.of(tensor)))
                .sum());
        double bandwidth =
                WeightBandwidth.measure(format, EngineOptions.builder().build().threads());
        return new ModelNeeds(
                format.key(), format.bytes(tensors), slots * cache.slotBytes(config.headDim()), read, bandwidth / read);
    }

    /// The share of a tensor that one token reads.
    private static double shareRead(String name, ModelConfig config) {
        if (name.equals(ParameterNames.EMBEDDING) && !config.tieWordEmbeddings()) {
            return 0;
        }
        boolean isExpert = name.contains("." + ParameterNames.EXPERTS);
        return isExpert
                ? config.architecture()
                        .experts()
                        .map(experts -> (double) experts.chosen() / experts.count())
                        .orElse(1.0)
                : 1;
    }
}
