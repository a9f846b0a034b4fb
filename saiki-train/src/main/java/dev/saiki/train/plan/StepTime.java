package dev.saiki.train.plan;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.train.recipe.BatchSection;
import dev.saiki.train.recipe.Recipe;

/// The time of one training step in a group of processes, in seconds.
///
/// @param products time of matrix products, forward and backward
/// @param elementwise time of elementwise operations such as norms, activations and sums
/// @param parameters time of passes over parameters: gradient addition, optimizer, copies
/// @param network time of the part of the gradient exchange that does not overlap with the backward pass
/// @param bytesSent the number of bytes that each process sends
public record StepTime(double products, double elementwise, double parameters, double network, long bytesSent) {

    /// The cost of a training pass in forward passes: one for the forward pass itself, and two for the gradients
    /// of inputs and weights.
    private static final int PASSES = 3;

    /// The share of the backward pass in a micro-batch's time. The backward pass of the last micro-batch overlaps
    /// with the gradient exchange.
    private static final double BACKWARD = 2.0 / 3;

    /// Bytes that AdamW reads and writes per parameter, including the copy in compute precision.
    private static final int OPTIMIZER_BYTES = 34;

    /// Bytes read and written per parameter to add the gradient of a micro-batch and to clear it.
    private static final int ADDING_BYTES = 13;

    private static final int BUCKET_BYTES = 25 << 20;

    /// Estimates the time of a training step.
    ///
    /// @param config the model
    /// @param recipe the training
    /// @param device the device of each process
    /// @param processes the number of processes
    /// @param sharded whether the optimizer's state is sharded over the processes
    /// @return the time of a step
    public static StepTime of(ModelConfig config, Recipe recipe, DeviceProfile device, int processes, boolean sharded) {
        PassCount pass = PassCount.of(config, recipe);
        ParameterCount count = ParameterCount.of(config, recipe);
        BatchSection batch = recipe.batch();
        long microBatches = Math.ceilDiv(numMicroBatches(batch), processes);
        long rounds = Math.ceilDiv(microBatches, device.workers());
        double tokens = (double) batch.microBatchSequences() * batch.sequenceLength();
        int passes = PASSES + (recipe.precision().activationCheckpointing() ? 1 : 0);
        double products = rounds
                * tokens
                * passes
                * pass.flops()
                / device.flopsPerSecond(recipe.precision().compute());
        double elementwise = rounds * tokens * pass.numbers() * device.secondsPerNumber() * passes / PASSES;
        double parameters = count.trained()
                * (OPTIMIZER_BYTES / (sharded ? (double) processes : 1) + ADDING_BYTES * microBatches)
                / device.memoryBytesPerSecond();
        double hidden = (products + elementwise) / rounds * BACKWARD;
        double exchange = exchangeSeconds(count.trained(), device.network(), processes);
        double gathering = sharded ? exchange / 2 : 0;
        return new StepTime(
                products,
                elementwise,
                parameters,
                Math.max(0, exchange - hidden) + gathering,
                bytesSent(count.trained(), processes) * (sharded ? 3 : 2) / 2);
    }

    /// The number of micro-batches in a step; with more processes than that, some would be idle.
    static long numMicroBatches(BatchSection batch) {
        return batch.sequences() / batch.microBatchSequences();
    }

    /// The traffic of a ring all-reduce: each process sends its float32 gradients twice, except for its own share.
    private static long bytesSent(long trained, int processes) {
        return 2L * (processes - 1) * Math.ceilDiv(trained * Float.BYTES, processes);
    }

    private static double exchangeSeconds(long trained, DeviceProfile.Network network, int processes) {
        if (processes == 1) {
            return 0;
        }
        long buckets = Math.ceilDiv(trained * Float.BYTES, BUCKET_BYTES);
        return bytesSent(trained, processes) / network.bytesPerSecond()
                + 2.0 * (processes - 1) * buckets * network.secondsPerMessage();
    }

    /// Returns the time of the whole step.
    ///
    /// @return seconds
    public double total() {
        return products + elementwise + parameters + network;
    }
}
