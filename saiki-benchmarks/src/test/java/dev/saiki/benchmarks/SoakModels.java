package dev.saiki.benchmarks;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// The checkpoints of a soak test: one to serve, and two that every server must refuse.
///
/// @param folder the folder with the checkpoints
record SoakModels(Path folder) {

    /// The name of the served checkpoint.
    static final String SERVED = "served";

    /// The name of the checkpoint with truncated weights.
    static final String CUT_OFF = "cut-off";

    /// The name of the checkpoint whose router computes NaN.
    static final String POISONED = "poisoned";

    private static final int CUT_BYTES = 100;

    /// Writes the three checkpoints.
    ///
    /// @param model the checkpoint from which the three are made
    /// @param folder the folder to write to
    /// @return the checkpoints
    /// @throws IOException if a checkpoint cannot be written
    static SoakModels of(Path model, Path folder) throws IOException {
        CheckpointDirectory source = CheckpointDirectory.open(model);
        write(source, folder.resolve(SERVED), tensor -> tensor);
        write(source, folder.resolve(CUT_OFF), tensor -> tensor);
        write(source, folder.resolve(POISONED), SoakModels::poison);
        Path weights = folder.resolve(CUT_OFF).resolve("model.safetensors");
        try (FileChannel channel = FileChannel.open(weights, StandardOpenOption.WRITE)) {
            channel.truncate(Files.size(weights) - CUT_BYTES);
        }
        return new SoakModels(folder);
    }

    private static void write(CheckpointDirectory source, Path target, UnaryOperator<StoredTensor> change)
            throws IOException {
        CheckpointDirectory.write(
                target,
                source.config(),
                source.tensors().values().stream().map(change).toList(),
                Optional.of(source.tokenizer()),
                source.manifest().orElseGet(Manifest::untrained));
    }

    private static StoredTensor poison(StoredTensor tensor) {
        if (!ParameterNames.belongsToRouter(tensor.name()) || tensor.name().equals(ParameterNames.ROUTER_THRESHOLDS)) {
            return tensor;
        }
        float[] values = new float[Math.toIntExact(tensor.elementCount())];
        Arrays.fill(values, Float.NaN);
        return StoredTensor.ofFloats(tensor.name(), tensor.shape(), values);
    }

    /// Returns the folder of the served checkpoint.
    Path served() {
        return folder.resolve(SERVED);
    }
}
