package dev.saiki.train.parallel;

import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.StoredTensors;
import dev.saiki.model.TrainedParameters;
import dev.saiki.model.TrainedParameters.Part;
import dev.saiki.tensor.AdamW;
import dev.saiki.tensor.Autograd;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.ProcessGroup;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// An AdamW optimizer of which each process has all moments, or only a shard of them (ZeRO stage 1).
///
/// With shards, a process updates only the weights whose moments it has, and receives the other weights from the
/// other processes. The result is bit-identical with and without shards.
public final class ShardedAdamW implements AutoCloseable {

    private static final String FIRST_MOMENT = "first_moment";
    private static final String SECOND_MOMENT = "second_moment";

    /// The number of weights that are received from each process at a time: 4 MiB.
    private static final long STAGED = 1 << 20;

    private final AdamW optimizer;
    private final double weightDecay;
    private final ModelWeights weights;
    private final TrainedParameters trained;
    private final ProcessGroup group;
    private final List<Shard> shards;
    private final Shard own;
    private final Tensor firstMoment;
    private final Tensor secondMoment;

    /// Creates an optimizer with zero moments.
    ///
    /// @param settings the settings that are constant over a run
    /// @param weightDecay the weight decay
    /// @param weights the weights to update; must outlive this optimizer
    /// @param trained the trained parameters among the weights
    /// @param group the processes
    /// @param isSharded whether each process keeps only a shard of the moments; otherwise each process keeps
    ///     all moments
    public ShardedAdamW(
            AdamW.Settings settings,
            double weightDecay,
            ModelWeights weights,
            TrainedParameters trained,
            ProcessGroup group,
            boolean isSharded) {
        this.optimizer = new AdamW(settings);
        this.weightDecay = weightDecay;
        this.weights = weights;
        this.trained = trained;
        this.group = group;
        this.shards = Shard.cut(trained, isSharded ? group.size() : 1);
        this.own = shards.get(isSharded ? group.rank() : 0);
        this.firstMoment = TensorScope.release(Tensors.on(weights.device()).zeros(DType.FLOAT32, own.length()));
        this.secondMoment = TensorScope.release(Tensors.on(weights.device()).zeros(DType.FLOAT32, own.length()));
    }

    /// Updates the weights of some parts of the model, restricted to this process's shard.
    ///
    /// @param parts the parts of the model
    /// @param gradient FLOAT32, the gradient of all trained parameters
    /// @param learningRate the learning rate of the step
    /// @param step the training step, from 1
    public void step(Set<Part> parts, Tensor gradient, double learningRate, long step) {
        List<AdamW.Group> groups = new ArrayList<>();
        for (TrainedParameters.Stretch stretch : trained.stretches()) {
            Shard share = own.within(stretch);
            if (parts.contains(stretch.part()) && share.length() > 0) {
                groups.add(new AdamW.Group(
                        weights(stretch, share),
                        gradient.narrow(0, share.start(), share.length()),
                        firstMoment.narrow(0, share.start() - own.start(), share.length()),
                        secondMoment.narrow(0, share.start() - own.start(), share.length()),
                        stretch.decays() ? weightDecay : 0));
            }
        }
        optimizer.step(groups, learningRate, step);
    }

    private Tensor weights(TrainedParameters.Stretch stretch, Shard share) {
        return weights.flat().narrow(0, stretch.weightStart() + share.start() - stretch.start(), share.length());
    }

    /// Receives the weights that other processes have updated; to be called after all parts are updated.
    public void shareWeights() {
        if (shards.size() == 1) {
            return;
        }
        long longest = shards.stream().mapToLong(Shard::length).max().orElseThrow();
        try (TensorScope _ = TensorScope.open();
                Autograd _ = Autograd.off()) {
            long most = Math.min(longest, STAGED);
            Tensor mine = Tensors.on(weights.device()).zeros(DType.FLOAT32, most);
            Tensor all = Tensors.on(weights.device()).empty(DType.FLOAT32, most * shards.size());
            for (long first = 0; first < longest; first += most) {
                long count = Math.min(most, longest - first);
                copyWeights(own.piece(first, count), mine, Tensor::copyFrom);
                group.gather(mine.narrow(0, 0, count), all.narrow(0, 0, count * shards.size()));
                for (int rank = 0; rank < shards.size(); rank++) {
                    if (rank != group.rank()) {
                        copyWeights(
                                shards.get(rank).piece(first, count),
                                all.narrow(0, rank * count, count),
                                (buffer, weight) -> weight.copyFrom(buffer));
                    }
                }
            }
        }
    }

    private interface Copy {
        void between(Tensor buffer, Tensor weight);
    }

    private void copyWeights(Shard shard, Tensor buffer, Copy copy) {
        for (TrainedParameters.Stretch stretch : trained.stretches()) {
            Shard share = shard.within(stretch);
            if (share.length() > 0) {
                copy.between(buffer.narrow(0, share.start() - shard.start(), share.length()), weights(stretch, share));
            }
        }
    }

    /// Returns the number of shards of the moments.
    ///
    /// @return the number of processes, or 1 if each process keeps all moments
    public int numShards() {
        return shards.size();
    }

    /// Returns the moments of one shard in the first process, for saving; every process must call this. The first
    /// process's own moments are not copied; those of others are closed with the open {@link TensorScope}.
    ///
    /// @param shard the shard, below {@link #numShards}
    /// @return float32 tensors; empty except in the first process
    public List<StoredTensor> collect(int shard) {
        if (shard != 0 && group.rank() == shard && own.length() > 0) {
            group.send(firstMoment, 0);
            group.send(secondMoment, 0);
        }
        if (!group.isFirst()) {
            return List.of();
        }
        return List.of(
                StoredTensors.of(FIRST_MOMENT, collect(firstMoment, shard)),
                StoredTensors.of(SECOND_MOMENT, collect(secondMoment, shard)));
    }

    private Tensor collect(Tensor moment, int shard) {
        if (shard == 0) {
            return moment;
        }
        Tensor received = Tensors.on(weights.device())
                .empty(DType.FLOAT32, shards.get(shard).length());
        if (received.count() > 0) {
            group.receive(received, shard);
        }
        return received;
    }

    /// Restores the moments of all processes from those that {@link #collect} returned; every process must call
    /// this.
    ///
    /// @param pieces the saved shards, in order, whose number may differ from this group's; read only in the first
    ///     process, which sends the others theirs
    /// @throws IllegalArgumentException if the pieces do not match this model
    public void restore(List<Map<String, StoredTensor>> pieces) {
        restore(FIRST_MOMENT, firstMoment, pieces);
        restore(SECOND_MOMENT, secondMoment, pieces);
    }

    private void restore(String name, Tensor moment, List<Map<String, StoredTensor>> pieces) {
        if (group.isFirst()) {
            read(name, pieces, shards.getFirst(), moment);
        }
        if (shards.size() == 1) {
            group.awaitFirst();
            group.broadcast(moment);
        }
        for (int shard = 1; shard < shards.size(); shard++) {
            try (TensorScope _ = TensorScope.open()) {
                restoreShard(shard, name, moment, pieces);
            }
        }
    }

    /// Reads the shard of another process in the first one, and sends it.
    private void restoreShard(int shard, String name, Tensor moment, List<Map<String, StoredTensor>> pieces) {
        long length = shards.get(shard).length();
        if (length > 0 && group.isFirst()) {
            Tensor part = Tensors.on(weights.device()).empty(DType.FLOAT32, length);
            read(name, pieces, shards.get(shard), part);
            group.awaitFirstIn(shard);
            group.send(part, shard);
            return;
        }
        group.awaitFirstIn(shard);
        if (length > 0 && group.rank() == shard) {
            group.receive(moment, 0);
        }
    }

    /// Copies a shard of a moment from the saved pieces that overlap it.
    private void read(String name, List<Map<String, StoredTensor>> pieces, Shard shard, Tensor target) {
        long start = 0;
        for (Map<String, StoredTensor> piece : pieces) {
            @Nullable StoredTensor stored = piece.get(name);
            if (stored == null) {
                throw new IllegalArgumentException("the optimizer's state is incomplete");
            }
            long length = stored.data().byteSize() / DType.FLOAT32.bytes();
            long from = Math.max(start, shard.start());
            long to = Math.min(start + length, shard.end());
            if (from < to) {
                long first = from - start;
                try (TensorScope _ = TensorScope.open()) {
                    target.narrow(0, from - shard.start(), to - from)
                            .copyFrom(Tensors.of(
                                    stored.data()
                                            .asSlice(
                                                    first * DType.FLOAT32.bytes(), (to - from) * DType.FLOAT32.bytes()),
                                    DType.FLOAT32,
                                    to - from));
                }
            }
            start += length;
        }
        if (start != trained.count()) {
            throw new IllegalArgumentException(
                    "the optimizer's state has " + start + " numbers, but the model trains " + trained.count());
        }
    }

    @Override
    public void close() {
        firstMoment.close();
        secondMoment.close();
    }
}
