package dev.saiki.checkpoint.accounting;

import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.LayerMap;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import java.util.List;
import java.util.Map;

/// The cost of a model, counted from its configuration.
///
/// FLOPs follow the paper's count: forward pass only, two for each multiply-add of the linear layers, attention
/// without its masked half, key and value projections as wide as the hidden size; embedding, head, norms and
/// routers are not counted. Low-rank updates of steps and the injection are counted at their true widths.
///
/// With key-value completion, a token that has exited costs only the key and value projections of each step that
/// it does not take; a step that no token takes costs nothing.
///
/// @param totalParameters all learned parameters; buffers are not counted
/// @param nonEmbeddingParameters all learned parameters except the embedding, its projection, and the head
/// @param forwardFlopsPerToken FLOPs of one token at the configuration's context and capacities
/// @param cacheBytesPerToken average bytes of keys and values per token, with two bytes per number
/// @param layers the unique layer of each unrolled layer
public record Accounting(
        long totalParameters,
        long nonEmbeddingParameters,
        double forwardFlopsPerToken,
        double cacheBytesPerToken,
        List<Integer> layers) {

    private static final int BYTES_PER_NUMBER = 2;

    /// Copies the list.
    public Accounting {
        layers = List.copyOf(layers);
    }

    /// Counts everything for a model.
    ///
    /// @param config the model
    /// @return the costs
    public static Accounting of(ModelConfig config) {
        List<Double> capacities = config.capacities();
        return new Accounting(
                parameters(config, true),
                parameters(config, false),
                forwardFlopsPerToken(config, config.maxPositionEmbeddings(), capacities),
                cacheBytesPerToken(config, capacities),
                config.layerMap().uniqueOf());
    }

    private static long parameters(ModelConfig config, boolean withEmbedding) {
        long total = 0;
        for (Map.Entry<String, List<Long>> entry :
                ParameterNames.parameters(config).entrySet()) {
            String name = entry.getKey();
            boolean embedding = name.equals(ParameterNames.EMBEDDING)
                    || name.equals(ParameterNames.EMBEDDING_PROJECTION)
                    || name.equals(ParameterNames.HEAD);
            if (withEmbedding || !embedding) {
                total += entry.getValue().stream().reduce(1L, Math::multiplyExact);
            }
        }
        return total;
    }

    /// Counts the forward FLOPs of one token, averaged over all tokens of a sequence.
    ///
    /// @param config the model
    /// @param context tokens in the sequence
    /// @param shareOfTokensPerStep share of all tokens that took each recursion step, one entry per step;
    ///     measured shares give the FLOPs at the measured depths
    /// @return FLOPs per token
    /// @throws IllegalArgumentException if the number of shares is not the number of recursion steps
    public static double forwardFlopsPerToken(ModelConfig config, int context, List<Double> shareOfTokensPerStep) {
        requireSteps(config, shareOfTokensPerStep);
        LayerMap map = config.layerMap();
        double flops = map.unsharedLayers() * layerFlops(config, context, 1, KeyValueSharing.NONE);
        for (int step = 0; step < map.numRecursions(); step++) {
            KeyValueSharing sharing = step == 0 ? KeyValueSharing.NONE : config.kvSharing();
            double share = shareOfTokensPerStep.get(step);
            flops += map.blockSize()
                    * (layerFlops(config, context, share, sharing)
                            + share * SequenceCost.lowRank(config, step)
                            + completed(sharing, share) * SequenceCost.lowRankOfKeysAndValues(config, step));
            flops += share * SequenceCost.injection(config, step);
        }
        return flops - unseenFlops(config, context, shareOfTokensPerStep);
    }

    /// The attention FLOPs that sliding windows save.
    private static double unseenFlops(ModelConfig config, int context, List<Double> shareOfTokensPerStep) {
        WindowedLayers windowed = WindowedLayers.of(config);
        double seen = seen(context, windowed.size());
        double flops = 0;
        for (int step : windowed.stepOf()) {
            KeyValueSharing sharing = step <= 0 ? KeyValueSharing.NONE : config.kvSharing();
            double share = WindowedLayers.isOutside(step) ? 1 : shareOfTokensPerStep.get(step);
            flops += layerFlops(config, context, share, sharing) - layerFlops(config, seen, share, sharing);
        }
        return flops;
    }

    /// Counts the forward FLOPs of one additional exit of a token: the layers after the recursion, and the head.
    /// {@link #forwardFlopsPerToken} excludes the head because every token passes it once in every model.
    ///
    /// @param config the model
    /// @param context tokens in the sequence
    /// @return FLOPs per token
    public static double exitFlopsPerToken(ModelConfig config, int context) {
        LayerMap map = config.layerMap();
        double flops = headFlopsPerToken(config);
        for (int layer = map.endOfShared(); layer < map.numUnrolled(); layer++) {
            double seen = seen(context, config.architecture().windowOf(layer).orElse(context));
            flops += layerFlops(config, seen, 1, KeyValueSharing.NONE);
        }
        return flops;
    }

    /// Counts the forward FLOPs of the head for one token.
    ///
    /// @param config the model
    /// @return FLOPs per token
    public static double headFlopsPerToken(ModelConfig config) {
        return SequenceCost.head(config);
    }

    /// The context length whose masked attention costs as much as a window: on average a token attends to half of
    /// a full context, but to nearly all of a window that is much shorter than the context.
    private static double seen(int context, int window) {
        double size = Math.min(context, window);
        return 2 * size - size * size / context;
    }

    private static double layerFlops(ModelConfig config, double context, double share, KeyValueSharing sharing) {
        double hidden = config.hiddenSize();
        double projections = switch (sharing) {
            case NONE, HYBRID, COMPLETION -> 4;
            case RECURSIVE -> 2;
        };
        double keys = switch (sharing) {
            case NONE -> share * context;
            case RECURSIVE, HYBRID, COMPLETION -> context;
        };
        double linear = 2 * hidden * projections * hidden + 2 * config.feedForwardWeights();
        return share * (linear + 2 * hidden * keys) + completed(sharing, share) * 2 * 2 * hidden * hidden;
    }

    /// The share of tokens that exited before a step but have keys and values there.
    private static double completed(KeyValueSharing sharing, double share) {
        return switch (sharing) {
            case NONE, RECURSIVE, HYBRID -> 0;
            case COMPLETION -> share == 0 ? 0 : 1 - share;
        };
    }

    /// Counts the average bytes of keys and values per token.
    ///
    /// @param config the model
    /// @param shareOfTokensPerStep share of all tokens that took each recursion step, one entry per step
    /// @return bytes per token over all layers
    /// @throws IllegalArgumentException if the number of shares is not the number of recursion steps
    public static double cacheBytesPerToken(ModelConfig config, List<Double> shareOfTokensPerStep) {
        requireSteps(config, shareOfTokensPerStep);
        LayerMap map = config.layerMap();
        double layers = map.unsharedLayers();
        for (int step = 0; step < map.numRecursions(); step++) {
            boolean stored = step == 0 || config.kvSharing() != KeyValueSharing.RECURSIVE;
            double share = shareOfTokensPerStep.get(step);
            layers += stored ? map.blockSize() * (share + completed(config.kvSharing(), share)) : 0;
        }
        long numbersPerLayer = 2L * config.numKeyValueHeads() * config.headDim();
        return layers * numbersPerLayer * BYTES_PER_NUMBER;
    }

    private static void requireSteps(ModelConfig config, List<Double> shares) {
        if (shares.size() != config.numRecursions()) {
            throw new IllegalArgumentException(
                    "one share for each of " + config.numRecursions() + " recursion steps is needed, got " + shares);
        }
    }
}
