package dev.saiki.cli.serving;

import com.sun.management.OperatingSystemMXBean;
import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.adapter.AdapterDirectory;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.io.InputException;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The memory that all models of a server share, for their weights and their KV caches.
///
/// @param bytes size of the budget
/// @param source the option or machine that sets the size, for messages
record MemoryBudget(long bytes, String source) {

    /// The configured budget, or by default all memory of this machine or container.
    static MemoryBudget of(OptionalLong chosen) {
        return chosen.isPresent()
                ? new MemoryBudget(chosen.getAsLong(), "--memory-mib")
                : new MemoryBudget(
                        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)
                                .getTotalMemorySize(),
                        "this machine");
    }

    /// The size of a model's weights, computed before they are read.
    private record Weights(String name, long bytes) {

        static Weights of(ModelArgument model, EngineOptions options) {
            CheckpointDirectory checkpoint = CheckpointDirectory.open(model.folder());
            long bytes =
                    options.weightsOf(checkpoint).bytes(checkpoint.tensors().values());
            return new Weights(model.name(), bytes);
        }

        static Weights ofAdapter(ModelArgument adapter) {
            long numbers = AdapterDirectory.open(adapter.folder()).tensors().values().stream()
                    .mapToLong(StoredTensor::elementCount)
                    .sum();
            return new Weights(adapter.name(), numbers * Float.BYTES);
        }

        @Override
        public String toString() {
            return name + " " + NumberFormats.bytes(bytes);
        }
    }

    /// Checks that all models fit into the memory together.
    ///
    /// @param models the models to be opened
    /// @param adapters the models' adapters, held in float32
    /// @param all engine options, whose KV cache memory is shared by all models
    /// @throws InputException if the models do not fit; the message names the size of each
    void require(List<ModelArgument> models, List<ModelArgument> adapters, EngineOptions all) {
        List<Weights> weights = Stream.concat(
                        models.stream().map(model -> Weights.of(model, all)),
                        adapters.stream().map(Weights::ofAdapter))
                .toList();
        long needed = weights.stream().mapToLong(Weights::bytes).sum() + all.cacheBytes();
        if (needed > bytes) {
            throw new InputException("the models need " + NumberFormats.bytes(needed) + " (weights of "
                    + weights.stream().map(Weights::toString).collect(Collectors.joining(", "))
                    + "; keys and values " + NumberFormats.bytes(all.cacheBytes()) + "), but the limit of "
                    + source + " is " + NumberFormats.bytes(bytes)
                    + ": serve fewer models, choose --weights bfloat16, int8, int6 or int4, or lower --cache-mib");
        }
    }
}
