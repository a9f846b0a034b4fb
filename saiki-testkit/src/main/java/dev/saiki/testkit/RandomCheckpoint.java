package dev.saiki.testkit;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;

/// Checkpoints with random weights, written without LibTorch.
public final class RandomCheckpoint {

    /// The median score of a router with random weights, so that half of the tokens pass.
    private static final float THRESHOLD = 0.5f;

    private RandomCheckpoint() {}

    /// Writes a checkpoint and opens it.
    ///
    /// @param folder the folder to write
    /// @param config the model
    /// @param seed the seed of the weights
    /// @return the checkpoint
    /// @throws IOException if the checkpoint cannot be written
    public static CheckpointDirectory write(Path folder, ModelConfig config, long seed) throws IOException {
        return write(folder, config, seed, Manifest.untrained(), tensor -> tensor);
    }

    /// Writes a checkpoint with a manifest and changed tensors, and opens it.
    ///
    /// @param folder the folder to write
    /// @param config the model
    /// @param seed the seed of the weights
    /// @param manifest the checkpoint's manifest
    /// @param change returns a tensor with changed numbers, or the given tensor unchanged
    /// @return the checkpoint
    /// @throws IOException if the checkpoint cannot be written
    public static CheckpointDirectory write(
            Path folder, ModelConfig config, long seed, Manifest manifest, UnaryOperator<StoredTensor> change)
            throws IOException {
        Random random = new Random(seed);
        List<StoredTensor> tensors = new ArrayList<>();
        ParameterNames.required(config).forEach((name, shape) -> {
            int count = Math.toIntExact(shape.stream().reduce(1L, Math::multiplyExact));
            float[] values = new float[count];
            for (int i = 0; i < count; i++) {
                values[i] = value(name, i, shape, config, random);
            }
            tensors.add(change.apply(StoredTensor.ofFloats(name, shape, values)));
        });
        CheckpointDirectory.write(folder, config, tensors, Optional.empty(), manifest);
        return CheckpointDirectory.open(folder);
    }

    private static float value(String name, int index, List<Long> shape, ModelConfig config, Random random) {
        if (name.equals(ParameterNames.ROUTER_THRESHOLDS)) {
            boolean everyToken = (index + 1) % shape.getLast() == 0;
            return everyToken ? 0 : THRESHOLD;
        }
        if (ParameterNames.isGate(name)) {
            return (float) (0.5 + 0.3 * random.nextGaussian());
        }
        if (shape.size() == 1 && name.contains(".steps.")) {
            return (float) (1 + 0.3 * random.nextGaussian());
        }
        return shape.size() == 1 ? 1 : (float) (random.nextGaussian() * config.initializerRange());
    }
}
