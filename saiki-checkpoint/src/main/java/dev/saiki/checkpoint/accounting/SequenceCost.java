package dev.saiki.checkpoint.accounting;

import dev.saiki.checkpoint.config.CausalBy;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.LayerMap;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.checkpoint.config.RouterType;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.checkpoint.config.StepLora;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/// The exact cost of one sequence, given the depths of its tokens; {@link Accounting}, in contrast, counts as
/// the paper does.
///
/// Key and value projections count at their true widths, attention at the number of keys that each query sees;
/// routers and head are included. With key-value completion, an exited token has keys and values at every deeper
/// step up to the depth bound. A multiplication and its addition count as two operations; biases, norms,
/// activations, rotations and softmax are not counted.
///
/// @param layerFlops FLOPs of the linear maps of the layers and, if there is one, of the embedding's
///     projection
/// @param attentionFlops FLOPs of scores and weighted sums
/// @param routerFlops FLOPs of the routers
/// @param headFlops FLOPs of the head
/// @param cachedTokenLayers number of layers in which a token stores keys and values, summed over the tokens
public record SequenceCost(
        long layerFlops, long attentionFlops, long routerFlops, long headFlops, long cachedTokenLayers) {

    /// Counts a sequence.
    ///
    /// @param config the model
    /// @param depths number of recursions of each token, by position
    /// @param maxDepth depth bound of the tokens
    /// @param predictions number of positions whose logits were computed
    /// @return the cost
    public static SequenceCost of(ModelConfig config, int[] depths, int maxDepth, int predictions) {
        long layers = depths.length * projection(config);
        long keys = 0;
        long cached = 0;
        int[] atStep = new int[config.numRecursions()];
        int completed = config.kvSharing() == KeyValueSharing.COMPLETION ? Math.min(atStep.length, maxDepth) : 0;
        LayerMap map = config.layerMap();
        for (int position = 0; position < depths.length; position++) {
            long before = position + 1L;
            layers += map.unsharedLayers() * linear(config, true);
            keys += map.unsharedLayers() * before;
            cached += map.unsharedLayers();
            for (int step = 0; step < depths[position]; step++) {
                atStep[step]++;
                boolean ownKeys = step == 0 || config.kvSharing() != KeyValueSharing.RECURSIVE;
                boolean amongOwn = config.kvSharing() == KeyValueSharing.NONE;
                layers += map.blockSize() * (linear(config, ownKeys) + lowRank(config, step)) + injection(config, step);
                keys += map.blockSize() * (amongOwn ? atStep[step] : before);
                cached += ownKeys ? map.blockSize() : 0;
            }
            for (int step = depths[position]; step < completed; step++) {
                layers += map.blockSize() * keysAndValues(config, step);
                cached += map.blockSize();
            }
        }
        keys -= WindowedLayers.of(config).unseen(depths, config.kvSharing());
        return new SequenceCost(
                layers, attention(config, keys), routers(config, depths, maxDepth), predictions * head(config), cached);
    }

    /// Counts the bytes of keys and values of the sequence.
    ///
    /// @param config the model
    /// @param bytesPerNumber bytes per number in the cache
    /// @return bytes
    public long cacheBytes(ModelConfig config, int bytesPerNumber) {
        return cachedTokenLayers * 2 * config.numKeyValueHeads() * config.headDim() * bytesPerNumber;
    }

    /// Sums all FLOPs.
    ///
    /// @return FLOPs
    public long flops() {
        return layerFlops + attentionFlops + routerFlops + headFlops;
    }

    /// The FLOPs of the projection of a token's embedding.
    static long projection(ModelConfig config) {
        return 2L * config.hiddenSize() * config.architecture().embeddingSize().orElse(0);
    }

    /// The FLOPs of one prediction. A tied head includes the projection of the embedding, if there is one.
    static long head(ModelConfig config) {
        boolean isProjected = config.tieWordEmbeddings()
                && config.architecture().embeddingSize().isPresent();
        int width = isProjected ? config.architecture().embeddingSize().getAsInt() : config.hiddenSize();
        return 2L * width * config.vocabSize() + (isProjected ? projection(config) : 0);
    }

    /// The FLOPs of one token in one layer, without attention.
    static long linear(ModelConfig config, boolean ownKeys) {
        long hidden = config.hiddenSize();
        long queries = (long) config.numAttentionHeads() * config.headDim();
        long keyValues = ownKeys ? 2L * config.numKeyValueHeads() * config.headDim() : 0;
        return 2 * hidden * (2 * queries + keyValues) + 2 * config.feedForwardWeights();
    }

    /// The FLOPs of the keys and values of one token in one layer of a recursion step, computed from an existing
    /// state.
    static long keysAndValues(ModelConfig config, int step) {
        return 2L * config.hiddenSize() * 2 * config.numKeyValueHeads() * config.headDim()
                + lowRankOfKeysAndValues(config, step);
    }

    /// The FLOPs of the injection into the state of one token at a recursion step.
    static long injection(ModelConfig config, int step) {
        boolean isThere =
                step > 0 && config.recursion().map(Recursion::injection).orElse(false);
        return isThere ? 2L * config.hiddenSize() * config.hiddenSize() : 0;
    }

    /// The FLOPs of the low-rank updates of one token in one layer of a recursion step.
    static long lowRank(ModelConfig config, int step) {
        return step == 0
                ? 0
                : lowRank(config, ParameterNames.mapsOfSteps(config).keySet());
    }

    /// The FLOPs of the low-rank updates of the key and value projections.
    static long lowRankOfKeysAndValues(ModelConfig config, int step) {
        return step == 0 ? 0 : lowRank(config, Set.of("self_attn.k_proj", "self_attn.v_proj"));
    }

    /// The FLOPs of the low-rank updates of the given maps.
    private static long lowRank(ModelConfig config, Set<String> maps) {
        long rank = config.recursion()
                .flatMap(Recursion::stepLora)
                .map(StepLora::rank)
                .orElse(0);
        return rank == 0
                ? 0
                : ParameterNames.mapsOfSteps(config).entrySet().stream()
                        .filter(map -> maps.contains(map.getKey()))
                        .map(Map.Entry::getValue)
                        .mapToLong(shape -> 2 * rank * (shape.getFirst() + shape.getLast()))
                        .sum();
    }

    /// The FLOPs of attention for a number of keys attended to, summed over all queries.
    static long attention(ModelConfig config, long keysSeen) {
        return 4L * config.numAttentionHeads() * config.headDim() * keysSeen;
    }

    private static long routers(ModelConfig config, int[] depths, int maxDepth) {
        int steps = Math.min(config.numRecursions(), maxDepth);
        return switch (config.routing()) {
            case Routing.None _, Routing.Random _ -> 0;
            case Routing.TokenChoice choice ->
                depths.length * network(config, choice.router().type(), config.numRecursions());
            case Routing.ExpertThreshold choice ->
                (config.hasStepGates() ? decisions(depths, steps) : scored(depths, steps))
                        * network(config, choice.router().type(), 1);
            case Routing.ExpertChoice choice -> {
                // The scores that serve as gates; they are not computed if the steps have gates of their own.
                long gates = config.hasStepGates() ? 0 : scored(depths, steps);
                boolean decidesBesides = config.hasStepGates() || choice.causalBy() == CausalBy.AUXILIARY_ROUTER;
                yield (gates + (decidesBesides ? decisions(depths, steps) : 0))
                        * network(config, choice.router().type(), 1);
            }
        };
    }

    /// The number of router scores: one at every step that a token took, and one at the step that rejected it.
    private static long scored(int[] depths, int steps) {
        return Arrays.stream(depths)
                .mapToLong(depth -> Math.min(depth + 1, steps))
                .sum();
    }

    /// The number of decisions on whether a token continues: all router scores except those at the first step.
    private static long decisions(int[] depths, int steps) {
        return scored(depths, steps) - depths.length;
    }

    private static long network(ModelConfig config, RouterType type, int outputs) {
        long hidden = config.hiddenSize();
        long inner = type.hiddenFactor() * hidden;
        return switch (type) {
            case LINEAR, POSITION -> 2 * hidden * outputs;
            case MLP, WIDE_MLP -> 2 * hidden * inner + 2 * inner * outputs;
        };
    }
}
