package dev.saiki.train.plan;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.model.Precision;
import dev.saiki.train.parallel.GradientSum;
import dev.saiki.train.recipe.Recipe;

/// The memory of one training process, in bytes.
///
/// @param weights float32 master weights, and their copy in compute precision
/// @param gradients the buffers of the sum of gradients, and one set of gradients in compute precision per worker
/// @param optimizer AdamW's two moments in float32
/// @param activations activations that all workers keep for the backward pass, and the largest temporary arrays
/// @param runtime memory of the process before it loads a model
public record TrainingMemory(long weights, long gradients, long optimizer, long activations, long runtime) {

    private static final int FLOAT = Float.BYTES;

    /// The memory that activations occupy, divided by their size without gaps; measured in a run of a small model
    /// in float32, with micro-batches of 8 sequences.
    private static final double FREE_BETWEEN = 1.2;

    /// Estimates the memory of a training process.
    ///
    /// @param config the model
    /// @param recipe the training
    /// @param workers parallel micro-batches
    /// @param processes the number of processes; the recipe tells how they add gradients and whether each keeps
    ///     all of the optimizer's state
    /// @param runtimeBytes memory of the process before it loads a model
    /// @return the memory of one process
    public static TrainingMemory of(ModelConfig config, Recipe recipe, int workers, int processes, long runtimeBytes) {
        ParameterCount count = ParameterCount.of(config, recipe);
        int bytes = bytes(recipe.precision().compute());
        int copy = recipe.precision().compute() == Precision.FLOAT32 ? 0 : bytes;
        return new TrainingMemory(
                count.total() * (FLOAT + copy),
                GradientSum.cost(
                                        processes,
                                        recipe.parallelism().fixedOrder(),
                                        count.trained(),
                                        StepTime.numMicroBatches(recipe.batch()))
                                .bytes()
                        + count.trained() * workers * bytes,
                2 * FLOAT * Math.ceilDiv(count.trained(), recipe.parallelism().shardOptimizer() ? processes : 1),
                Math.round(workers * activationBytes(config, recipe, bytes)),
                runtimeBytes);
    }

    private static int bytes(Precision precision) {
        return switch (precision) {
            case FLOAT32 -> FLOAT;
            case BFLOAT16 -> Short.BYTES;
        };
    }

    /// The activations of one micro-batch, including memory fragmentation.
    private static double activationBytes(ModelConfig config, Recipe recipe, int bytes) {
        double tokens =
                (double) recipe.batch().microBatchSequences() * recipe.batch().sequenceLength();
        double layers = PassCount.of(config, recipe).layers();
        double ofLayer = bytesOfLayer(config, bytes);
        double kept = recipe.precision().activationCheckpointing()
                ? layers * config.hiddenSize() * bytes + ofLayer
                : layers * ofLayer;
        return FREE_BETWEEN * tokens * (kept + (double) bytes * config.vocabSize());
    }

    /// The activations per token that a layer keeps for the backward pass: the inputs of both norms, their
    /// divisors and their results; rotated queries, keys and values; attention's output before and after its heads
    /// are joined; four arrays of the feed-forward. Norms compute in float32.
    private static double bytesOfLayer(ModelConfig config, int bytes) {
        double hidden = config.hiddenSize();
        double queries = (double) config.numAttentionHeads() * config.headDim();
        double keys = (double) config.numKeyValueHeads() * config.headDim();
        double numbers = 6 * hidden + 3 * queries + 2 * keys + 4.0 * config.feedForwardWidth();
        double ofNorms = bytes == FLOAT ? 0 : 6 * hidden * FLOAT;
        return numbers * bytes + ofNorms;
    }

    /// Returns the total memory.
    ///
    /// @return bytes
    public long total() {
        return weights + gradients + optimizer + activations + runtime;
    }
}
