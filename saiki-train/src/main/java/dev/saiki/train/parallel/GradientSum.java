package dev.saiki.train.parallel;

import dev.saiki.model.RecursiveTransformer;
import dev.saiki.tensor.Device;
import dev.saiki.tensor.ProcessGroup;
import dev.saiki.tensor.Tensor;
import java.util.List;

/// The sum of all micro-batch gradients of a step, over all processes of a group.
///
/// Of N processes, rank n mod N computes micro-batch n; the micro-batches with the same n div N form a lane. A
/// process adds its gradients lane by lane.
public sealed interface GradientSum extends AutoCloseable
        permits LocalGradientSum, OrderedGradientSum, ReducedGradientSum {

    /// Creates the sum for a run.
    ///
    /// @param group the processes
    /// @param fixedOrder whether gradients are added in the order of the micro-batches for any number of processes
    /// @param count the number of values in a gradient
    /// @param device the device of the gradients
    /// @return the sum, initially zero
    static GradientSum of(ProcessGroup group, boolean fixedOrder, long count, Device device) {
        if (group.size() == 1) {
            return new LocalGradientSum(count, device);
        }
        return fixedOrder ? new OrderedGradientSum(group, count, device) : new ReducedGradientSum(group, count, device);
    }

    /// The memory and the traffic of a sum in each process.
    ///
    /// @param bytes the memory of its buffers
    /// @param bytesSent the number of bytes that the process sends in a step
    record Cost(long bytes, long bytesSent) {}

    /// Computes a sum's memory and traffic without creating the sum.
    ///
    /// @param processes the number of processes
    /// @param fixedOrder whether gradients are added in the order of the micro-batches
    /// @param count the number of values in a gradient
    /// @param microBatches the number of micro-batches in a step, in all processes
    /// @return the cost
    static Cost cost(int processes, boolean fixedOrder, long count, long microBatches) {
        if (processes == 1) {
            return LocalGradientSum.cost(count);
        }
        return fixedOrder
                ? OrderedGradientSum.cost(processes, count, Math.ceilDiv(microBatches, processes))
                : ReducedGradientSum.cost(processes, count);
    }

    /// Returns the tensor that contains the sum once a step is complete.
    ///
    /// @return FLOAT32 `[count]`, the same tensor at every step
    Tensor gradient();

    /// Adds micro-batches of this process.
    ///
    /// @param models the models that hold the gradients, in lane order
    /// @param lanes the lanes to add; one more than the models if other processes have one micro-batch more
    void add(List<RecursiveTransformer> models, Lanes lanes);

    /// Starts the final reduction of a step's sum.
    ///
    /// @return the pending operation; wait for it before using the sum
    ProcessGroup.Pending startTotal();

    /// A range of lanes.
    ///
    /// @param first the index of the first lane
    /// @param end the index after the last lane
    /// @param microBatches the number of micro-batches in the step, in all lanes and processes
    record Lanes(int first, int end, int microBatches) {}

    @Override
    void close();
}
