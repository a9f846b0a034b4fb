package dev.saiki.study.results;

import dev.saiki.checkpoint.accounting.Accounting;
import dev.saiki.checkpoint.config.LayerMap;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import java.util.List;
import java.util.stream.IntStream;

/// The size and shape of a model.
///
/// @param parameters all parameters
/// @param nonEmbeddingParameters number of all parameters except those of embedding and head
/// @param onceParameters number of non-embedding parameters that a token passes once
/// @param recurrentParameters number of non-embedding parameters that a token passes in each recursion; 0 for
///     vanilla
/// @param numRecursions recursions of a token at full depth; 1 for vanilla
/// @param meanTrainedDepth mean number of recursions of a training token by the configured capacities; for
///     expert-threshold, the mean over the efforts, weighted by their frequency in training
/// @param meanDefaultDepth mean number of recursions of a token at the default effort of expert-threshold routing;
///     for all other models, equal to `meanTrainedDepth`
/// @param uniqueLayers number of stored layers
/// @param unrolledLayers number of layers that a token at full depth passes
/// @param forwardFlopsPerToken forward FLOPs per training token
public record ModelSummary(
        long parameters,
        long nonEmbeddingParameters,
        long onceParameters,
        long recurrentParameters,
        int numRecursions,
        double meanTrainedDepth,
        double meanDefaultDepth,
        int uniqueLayers,
        int unrolledLayers,
        double forwardFlopsPerToken) {

    /// Counts layers and parameters.
    ///
    /// @param config the model
    /// @param forwardFlopsPerToken forward FLOPs per training token
    /// @return the summary
    public static ModelSummary of(ModelConfig config, double forwardFlopsPerToken) {
        Accounting accounting = Accounting.of(config);
        LayerMap map = config.layerMap();
        long recurrent = 0;
        if (map.numRecursions() > 1) {
            long layers = (long) map.numUnique() - map.unsharedLayers();
            recurrent = layers * layerParameters(config);
        }
        return new ModelSummary(
                accounting.totalParameters(),
                accounting.nonEmbeddingParameters(),
                accounting.nonEmbeddingParameters() - recurrent,
                recurrent,
                config.numRecursions(),
                meanTrainedDepth(config),
                sum(config.capacities()),
                map.numUnique(),
                map.numUnrolled(),
                forwardFlopsPerToken);
    }

    /// Expert-threshold is trained at many efforts, independent of the default effort.
    private static double meanTrainedDepth(ModelConfig config) {
        if (!(config.routing() instanceof Routing.ExpertThreshold threshold)) {
            return sum(config.capacities());
        }
        List<Double> shares = threshold.trainingShares();
        return IntStream.range(0, shares.size())
                .mapToDouble(column -> shares.get(column)
                        * sum(threshold.capacities(threshold.effortGrid().get(column), config.numRecursions())))
                .sum();
    }

    private static double sum(List<Double> capacities) {
        return capacities.stream().mapToDouble(Double::doubleValue).sum();
    }

    /// Parameters of one layer: the number that an additional layer adds to a vanilla model.
    private static long layerParameters(ModelConfig config) {
        long hidden = config.hiddenSize();
        long queries = (long) config.numAttentionHeads() * config.headDim();
        long keys = (long) config.numKeyValueHeads() * config.headDim();
        return hidden * (2 * queries + 2 * keys) + config.feedForwardWeights() + 2 * hidden;
    }
}
