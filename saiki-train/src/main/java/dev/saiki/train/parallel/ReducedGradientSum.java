package dev.saiki.train.parallel;

import dev.saiki.model.RecursiveTransformer;
import dev.saiki.tensor.Device;
import dev.saiki.tensor.ProcessGroup;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;

/// A sum of gradients over processes, added in an order that the library chooses, so that its last bits depend on
/// the number of processes.
///
/// A process sends its sum once per step, whatever its number of micro-batches. The sum is sent in buckets, so
/// that sending one bucket overlaps with adding up another.
final class ReducedGradientSum implements GradientSum {

    /// The bucket size of PyTorch's data-parallel training: 25 MiB, as a number of float32 values.
    private static final long BUCKET = 25L * (1 << 20) / Float.BYTES;

    private final ProcessGroup group;
    private final LocalGradientSum own;

    ReducedGradientSum(ProcessGroup group, long count, Device device) {
        this.group = group;
        this.own = new LocalGradientSum(count, device);
    }

    /// A ring sends every part of the sum twice, except for the process's own.
    static Cost cost(int processes, long count) {
        long part = Float.BYTES * Math.ceilDiv(count, processes);
        return new Cost(LocalGradientSum.cost(count).bytes(), 2 * part * (processes - 1));
    }

    @Override
    public Tensor gradient() {
        return own.gradient();
    }

    @Override
    public void add(List<RecursiveTransformer> models, Lanes lanes) {
        own.add(models, lanes);
    }

    @Override
    public ProcessGroup.Pending startTotal() {
        List<ProcessGroup.Pending> buckets = new ArrayList<>();
        try (TensorScope _ = TensorScope.open()) {
            long count = gradient().count();
            for (long start = 0; start < count; start += BUCKET) {
                Tensor bucket = gradient().narrow(0, start, Math.min(BUCKET, count - start));
                buckets.add(GradientExchangeEvent.record(
                        group, Float.BYTES * bucket.count(), () -> group.startSum(bucket)));
            }
        }
        return () -> buckets.forEach(ProcessGroup.Pending::await);
    }

    @Override
    public void close() {
        own.close();
    }
}
