package dev.saiki.train.parallel;

import dev.saiki.model.RecursiveTransformer;
import dev.saiki.tensor.Autograd;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Device;
import dev.saiki.tensor.ProcessGroup;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import java.util.List;
import java.util.Optional;

/// A sum of gradients in the order of the micro-batches, bit-identical for any number of processes.
///
/// Each process adds up one part of the gradient on behalf of all. A lane is exchanged in a single operation:
/// every process sends to each process the part that the receiver adds up; the receiver adds the received parts in
/// rank order, which is the order of the micro-batches. The exchange of a lane overlaps with the computation of
/// the next one. After the last lane, every process gathers the parts of all, in the memory from which it has sent.
/// With one lane the exchange transfers as much data as an all-reduce; each additional lane adds half of that amount.
final class OrderedGradientSum implements GradientSum {

    private final ProcessGroup group;
    private final long part;
    private final Tensor own;
    /// The gradient of a lane until it is sent; after the last lane, the parts of all processes.
    private final Tensor whole;

    private final Tensor received;
    private final Tensor gradient;
    private Optional<Runnable> laneOnItsWay = Optional.empty();

    OrderedGradientSum(ProcessGroup group, long count, Device device) {
        this.group = group;
        this.part = Math.ceilDiv(count, group.size());
        this.own = zeros(device, part);
        this.whole = zeros(device, part * group.size());
        this.received = zeros(device, part * group.size());
        try (TensorScope _ = TensorScope.open()) {
            this.gradient = TensorScope.release(whole.narrow(0, 0, count));
        }
    }

    static Cost cost(int processes, long count, long lanes) {
        long part = Math.ceilDiv(count, processes);
        return new Cost(Float.BYTES * part * (2L * processes + 1), Float.BYTES * part * (processes - 1) * (lanes + 1));
    }

    private static Tensor zeros(Device device, long count) {
        return TensorScope.release(Tensors.on(device).zeros(DType.FLOAT32, count));
    }

    @Override
    public Tensor gradient() {
        return gradient;
    }

    /// Starts the exchange of the last of these lanes and does not wait for it, so that the exchange overlaps with
    /// the next micro-batches.
    @Override
    public void add(List<RecursiveTransformer> models, Lanes lanes) {
        for (int number = lanes.first(); number < lanes.end(); number++) {
            finishLane();
            int model = number - lanes.first();
            if (model < models.size()) {
                models.get(model).copyGradientsTo(gradient);
            }
            ProcessGroup.Pending exchange = GradientExchangeEvent.record(
                    group, Float.BYTES * gradient.count(), () -> group.startExchange(whole, received));
            int exchanged = number;
            laneOnItsWay = Optional.of(() -> {
                exchange.await();
                addReceived(exchanged, lanes.microBatches());
            });
        }
    }

    private void finishLane() {
        laneOnItsWay.ifPresent(Runnable::run);
        laneOnItsWay = Optional.empty();
    }

    /// Adds the received parts of a lane, ignoring those of processes without a micro-batch in that lane.
    private void addReceived(int number, int microBatches) {
        try (TensorScope _ = TensorScope.open();
                Autograd _ = Autograd.off()) {
            for (int rank = 0; rank < group.size(); rank++) {
                int microBatch = number * group.size() + rank;
                Tensor theirs = received.narrow(0, rank * part, part);
                if (microBatch == 0) {
                    own.copyFrom(theirs);
                } else if (microBatch < microBatches) {
                    own.addInPlace(theirs);
                }
            }
        }
    }

    @Override
    public ProcessGroup.Pending startTotal() {
        finishLane();
        group.gather(own, whole);
        return () -> {};
    }

    @Override
    public void close() {
        List.of(gradient, own, whole, received).forEach(Tensor::close);
    }
}
