package dev.saiki.cli.model;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.train.plan.DeviceProfiles;
import dev.saiki.train.plan.TrainingMemory;
import dev.saiki.train.recipe.Recipe;
import tools.jackson.databind.node.ObjectNode;

/// The description of the memory that a training needs if it runs in one process on this machine.
///
/// @param memory requirements of the training
/// @param workers number of concurrent micro-batches
public record MemoryText(TrainingMemory memory, int workers) {

    private static final String CPU = "cpu-zen4-2";

    static MemoryText of(ModelConfig config, Recipe recipe) {
        int workers = recipe.parallelism().workersWith(Runtime.getRuntime().availableProcessors());
        // The profile of one CPU is used for any processor, since the memory of the runtime does not depend on the
        // processor.
        long runtime = DeviceProfiles.find(CPU).runtimeBytes();
        return new MemoryText(TrainingMemory.of(config, recipe, workers, 1, runtime), workers);
    }

    String line() {
        return NumberFormats.bytes(memory.total()) + " in training with " + workers + " workers: " + parts(memory);
    }

    /// The memory by use.
    public static String parts(TrainingMemory memory) {
        return NumberFormats.bytes(memory.weights()) + " weights, " + NumberFormats.bytes(memory.gradients())
                + " gradients, " + NumberFormats.bytes(memory.optimizer()) + " optimizer, "
                + NumberFormats.bytes(memory.activations()) + " activations, "
                + NumberFormats.bytes(memory.runtime()) + " runtime";
    }

    void write(ObjectNode root) {
        putParts(root.putObject("training_memory_bytes").put("workers", workers), memory);
    }

    /// Writes the memory by use, in bytes.
    public static void putParts(ObjectNode bytes, TrainingMemory memory) {
        bytes.put("weights", memory.weights());
        bytes.put("gradients", memory.gradients());
        bytes.put("optimizer", memory.optimizer());
        bytes.put("activations", memory.activations());
        bytes.put("runtime", memory.runtime());
        bytes.put("total", memory.total());
    }
}
