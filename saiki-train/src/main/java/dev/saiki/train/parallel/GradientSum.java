package dev.saiki.train.parallel;

import dev.saiki.model.RecursiveTransformer;
import dev.saiki.tensor.Device;
import dev.saiki.tensor.ProcessGroup;
import dev.saiki.tensor.Tensor;
import java.util.List;

/// The sum of all micro-batch gradients of a step, over all processes of a group.
///
/// Micro-batch number n is the work of rank n mod N; those with the same n div N are a lane. A process adds
/// its own lane by lane.
public sealed interface GradientSum extends AutoCloseable
        permits LocalGradientSum, OrderedGradientSum, ReducedGradientSum {

    /// Makes the sum for a run.
    ///
    /// @param group of processes
    /// @param fixedOrder whether gradients are added in the order of the micro-batches however many processes
    ///     there are
    /// @param count numbers in a gradient
    /// @param device of the gradients
    /// @return the sum, zero
    static GradientSum of(ProcessGroup group, boolean fixedOrder, long count, Device device) {
        if (group.size() == 1) {
            return new LocalGradientSum(count, device);
        }
        return fixedOrder ? new OrderedGradientSum(group, count, device) : new ReducedGradientSum(group, count, device);
    }

    /// Returns where the sum is, once a step is complete.
    ///
    /// @return FLOAT32 `[count]`, the same tensor at every step
    Tensor gradient();

    /// Adds micro-batches of this process.
    ///
    /// @param models which hold their gradients, in the order of the lanes
    /// @param lanes that are added; more than there are models if other processes have one micro-batch more
    void add(List<RecursiveTransformer> models, Lanes lanes);

    /// Starts to complete the sum of a step.
    ///
    /// @return to be awaited before it is used
    ProcessGroup.Pending startTotal();

    /// Lanes in a row.
    ///
    /// @param first the first one, from 0
    /// @param end behind the last one
    /// @param microBatches of the step, in all lanes and of all processes
    record Lanes(int first, int end, int microBatches) {}

    @Override
    void close();
}
