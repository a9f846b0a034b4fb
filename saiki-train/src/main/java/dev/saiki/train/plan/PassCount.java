package dev.saiki.train.plan;

import dev.saiki.checkpoint.accounting.Accounting;
import dev.saiki.checkpoint.accounting.SequenceCost;
import dev.saiki.checkpoint.config.LayerMap;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.train.recipe.Recipe;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// The work of a training forward pass per token, averaged over a sequence.
///
/// @param flops FLOPs of linear maps, attention, routers and head, by the accounting of {@link SequenceCost}
/// @param layers the number of unrolled layers per token, including those of a teacher and those that
///     micro-batches at full depth add
/// @param numbers the number of elementwise results in these layers, per token: in each layer six vectors of
///     the hidden size, for norms, sums and attention, and four of the feed-forward size
public record PassCount(double flops, double layers, double numbers) {

    private static final int HIDDEN_PASSES = 6;
    private static final int FEED_FORWARD_PASSES = 4;

    /// The fractional part of the golden ratio: its multiples spread evenly over [0, 1), so that tokens of all
    /// depths are interleaved.
    private static final double EVEN = 0.6180339887498949;

    /// Counts the work of a training forward pass.
    ///
    /// @param config the model
    /// @param recipe the recipe, which determines the batch and additional costs: a teacher, micro-batches at
    ///     full depth
    /// @return the work
    public static PassCount of(ModelConfig config, Recipe recipe) {
        int length = recipe.batch().sequenceLength();
        int[] depths = depths(activeShares(config), length);
        SequenceCost cost = SequenceCost.of(config, depths, config.numRecursions(), length);
        LayerMap map = config.layerMap();
        double layers = map.unsharedLayers()
                + (double) map.blockSize() * Arrays.stream(depths).sum() / length;
        double extra =
                recipe.forwardFlopsPerToken() / Accounting.forwardFlopsPerToken(config, length, activeShares(config));
        double numbers = layers
                * (HIDDEN_PASSES * (double) config.hiddenSize()
                        + FEED_FORWARD_PASSES * (double) config.feedForwardWidth());
        double head = (double) cost.headFlops() / length;
        return new PassCount(((double) cost.flops() / length - head) * extra + head, layers * extra, numbers * extra);
    }

    /// The share of all tokens that take each recursion step in training.
    private static List<Double> activeShares(ModelConfig config) {
        if (!(config.routing() instanceof Routing.ExpertThreshold threshold)) {
            return config.capacities();
        }
        List<Double> efforts = threshold.trainingShares();
        return IntStream.range(0, config.numRecursions())
                .mapToObj(step -> IntStream.range(0, efforts.size())
                        .mapToDouble(column -> efforts.get(column)
                                * threshold
                                        .capacities(threshold.effortGrid().get(column), config.numRecursions())
                                        .get(step))
                        .sum())
                .toList();
    }

    private static int[] depths(List<Double> shares, int length) {
        return IntStream.range(0, length)
                .map(position -> {
                    double place = (position + 0.5) * EVEN % 1;
                    return (int) shares.stream().filter(share -> place < share).count();
                })
                .toArray();
    }
}
