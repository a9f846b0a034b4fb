package dev.saiki.train.plan;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.model.Precision;
import dev.saiki.train.recipe.Recipe;

/// The memory of one process of a training, in bytes.
///
/// @param weights master weights in float32, and their copy in the format of computation
/// @param gradients their sum in float32, and one set in the format of computation for each worker
/// @param optimizer AdamW's two moments in float32
/// @param activations what the forward passes of all workers keep for the backward passes, and the largest
///     temporary arrays
/// @param runtime what the process takes before it has a model
public record TrainingMemory(long weights, long gradients, long optimizer, long activations, long runtime) {

    private static final int FLOAT = Float.BYTES;

    /// Memory over what is allocated; from one training, small in float32 with micro-batches of 8 sequences.
    private static final double FREE_BETWEEN = 1.2;

    /// Estimates.
    ///
    /// @param config the model
    /// @param recipe the training
    /// @param workers micro-batches side by side
    /// @param shards processes among which the optimizer's state is divided; 1 if each has all of it
    /// @param runtimeBytes what the process takes before it has a model
    /// @return the memory of one process
    public static TrainingMemory of(ModelConfig config, Recipe recipe, int workers, int shards, long runtimeBytes) {
        ParameterCount count = ParameterCount.of(config, recipe);
        int bytes = bytes(recipe.precision().compute());
        int copy = recipe.precision().compute() == Precision.FLOAT32 ? 0 : bytes;
        return new TrainingMemory(
                count.total() * (FLOAT + copy),
                count.trained() * (FLOAT + (long) workers * bytes),
                2 * FLOAT * Math.ceilDiv(count.trained(), shards),
                Math.round(workers * activationBytes(config, recipe, bytes)),
                runtimeBytes);
    }

    private static int bytes(Precision precision) {
        return switch (precision) {
            case FLOAT32 -> FLOAT;
            case BFLOAT16 -> Short.BYTES;
        };
    }

    /// The activations of one micro-batch, and the memory that allocations leave free between them.
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

    /// What a layer keeps of a token for its backward pass: the inputs of both norms, what these divide
    /// them by, and their results; queries, keys and values after their rotation; what attention makes of
    /// them, before and after its heads are joined; four arrays of the feed-forward. Norms compute in float32.
    private static double bytesOfLayer(ModelConfig config, int bytes) {
        double hidden = config.hiddenSize();
        double queries = (double) config.numAttentionHeads() * config.headDim();
        double keys = (double) config.numKeyValueHeads() * config.headDim();
        double numbers = 6 * hidden + 3 * queries + 2 * keys + 4.0 * config.intermediateSize();
        double ofNorms = bytes == FLOAT ? 0 : 6 * hidden * FLOAT;
        return numbers * bytes + ofNorms;
    }

    /// All of it.
    ///
    /// @return bytes
    public long total() {
        return weights + gradients + optimizer + activations + runtime;
    }
}
