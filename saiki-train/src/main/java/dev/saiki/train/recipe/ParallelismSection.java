package dev.saiki.train.recipe;

import dev.saiki.io.yaml.SectionReader;
import dev.saiki.tensor.Device;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// Recipe section `parallelism`: threads, processes and device of a run. The device and, if `fixed_order` is
/// false, the number of processes affect results; the other settings affect only speed.
///
/// @param device the device of a process
/// @param workers the number of micro-batches that a process computes in parallel, each on one thread; empty
///     (`auto`) for one per processor of the process, or one on a GPU
/// @param fixedOrder whether gradients are added in the order of the micro-batches, so that the result is
///     bit-identical for any number of processes
/// @param shardOptimizer whether each process keeps only a shard of the optimizer's moments
/// @param timeoutSeconds the time, in seconds, after which a process that keeps the others waiting counts as
///     failed
public record ParallelismSection(
        Device device, OptionalInt workers, boolean fixedOrder, boolean shardOptimizer, int timeoutSeconds) {

    private static final String AUTO = "auto";
    private static final int DEFAULT_TIMEOUT_SECONDS = 300;

    /// Checks the ranges.
    ///
    /// @throws dev.saiki.io.InputException if a value is out of range
    public ParallelismSection {
        workers.ifPresent(count -> RecipeChecks.that(
                count >= 1 && count <= 1024, "parallelism.workers", "auto or a number from 1 to 1024", count));
        RecipeChecks.that(
                timeoutSeconds >= 1 && timeoutSeconds <= 86_400,
                "parallelism.timeout_seconds",
                "from 1 to 86400",
                timeoutSeconds);
    }

    static ParallelismSection read(SectionReader reader) {
        boolean auto = reader.value("workers") instanceof StringNode text
                && text.stringValue().equals(AUTO);
        return new ParallelismSection(
                device(reader),
                auto ? OptionalInt.empty() : reader.optionalSmallInteger("workers"),
                reader.flag("fixed_order", true),
                reader.flag("shard_optimizer", false),
                reader.smallInteger("timeout_seconds", DEFAULT_TIMEOUT_SECONDS));
    }

    private static Device device(SectionReader reader) {
        Optional<String> spelled = reader.text("device");
        if (spelled.isEmpty()) {
            return Device.CPU;
        }
        Optional<Device> device = Device.parse(spelled.get());
        if (device.isEmpty()) {
            reader.wrongType("device", "cpu, cuda or cuda:N", spelled.get());
        }
        return device.orElse(Device.CPU);
    }

    /// Returns the number of micro-batches that a process computes in parallel.
    ///
    /// @param processors the number of processors of the process
    /// @return the configured number; by default one per processor, or only one on a GPU, which computes in
    ///     parallel itself
    public int workersWith(int processors) {
        return workers.orElse(device instanceof Device.Cpu ? Math.max(1, processors) : 1);
    }

    void write(ObjectNode section) {
        section.put("device", device.toString());
        if (workers.isPresent()) {
            section.put("workers", workers.getAsInt());
        } else {
            section.put("workers", AUTO);
        }
        section.put("fixed_order", fixedOrder);
        section.put("shard_optimizer", shardOptimizer);
        section.put("timeout_seconds", timeoutSeconds);
    }
}
