package dev.saiki.train.plan;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.train.parallel.GradientSum;
import dev.saiki.train.recipe.BatchSection;
import dev.saiki.train.recipe.Recipe;

/// The time of one training step in a group of processes, in seconds.
///
/// @param products time of matrix products, forward and backward
/// @param elementwise time of elementwise operations such as norms, activations and sums
/// @param parameters time of passes over parameters: gradient addition, optimizer, copies
/// @param network time of exchanges that do not overlap with micro-batches
/// @param bytesSent the number of bytes that each process sends
public record StepTime(double products, double elementwise, double parameters, double network, long bytesSent) {

    /// The cost of a training pass in forward passes: one for the forward pass itself, and two for the gradients
    /// of inputs and weights.
    private static final int PASSES = 3;

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
    /// @return the time of a step
    public static StepTime of(ModelConfig config, Recipe recipe, DeviceProfile device, int processes) {
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
        boolean sharded = recipe.parallelism().shardOptimizer();
        double parameters = count.trained()
                * (OPTIMIZER_BYTES / (sharded ? (double) processes : 1) + ADDING_BYTES * microBatches)
                / device.memoryBytesPerSecond();
        GradientSum.Cost exchange =
                GradientSum.cost(processes, recipe.parallelism().fixedOrder(), count.trained(), numMicroBatches(batch));
        double microBatch = (products + elementwise) / rounds;
        return new StepTime(
                products,
                elementwise,
                parameters,
                network(recipe, device.network(), processes, exchange.bytesSent(), microBatches, microBatch)
                        + (sharded ? seconds(device.network(), processes, weightBytes(count, processes)) : 0),
                exchange.bytesSent() + (sharded ? weightBytes(count, processes) : 0));
    }

    /// The time in which a process waits for the exchange of gradients. In a fixed order, each lane but the last
    /// is sent during the next micro-batch, and the sum is gathered in the end. Otherwise everything is sent in the
    /// end.
    private static double network(
            Recipe recipe,
            DeviceProfile.Network network,
            int processes,
            long bytesSent,
            long lanes,
            double microBatchSeconds) {
        if (!recipe.parallelism().fixedOrder()) {
            return seconds(network, processes, bytesSent);
        }
        double lane = seconds(network, processes, bytesSent / (lanes + 1));
        return 2 * lane + (lanes - 1) * Math.max(0, lane - microBatchSeconds);
    }

    private static double seconds(DeviceProfile.Network network, int processes, long bytes) {
        if (processes == 1) {
            return 0;
        }
        return bytes / network.bytesPerSecond()
                + (processes - 1) * Math.ceilDiv(bytes, BUCKET_BYTES) * network.secondsPerMessage();
    }

    /// The number of bytes that a process sends of the weights that it has updated.
    private static long weightBytes(ParameterCount count, int processes) {
        return (processes - 1L) * Float.BYTES * Math.ceilDiv(count.trained(), processes);
    }

    /// The number of micro-batches in a step; with more processes than that, some would be idle.
    static long numMicroBatches(BatchSection batch) {
        return batch.sequences() / batch.microBatchSequences();
    }

    /// Returns the time of the whole step.
    ///
    /// @return seconds
    public double total() {
        return products + elementwise + parameters + network;
    }
}
