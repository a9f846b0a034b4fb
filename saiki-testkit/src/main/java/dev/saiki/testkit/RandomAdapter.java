package dev.saiki.testkit;

import dev.saiki.checkpoint.BaseModel;
import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.adapter.AdapterConfig;
import dev.saiki.checkpoint.adapter.AdapterDirectory;
import dev.saiki.checkpoint.adapter.AdapterTensors;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/// Adapters with random updates of every linear map, written without LibTorch.
public final class RandomAdapter {

    private RandomAdapter() {}

    /// Writes an adapter of a model and opens it.
    ///
    /// @param folder the folder to write
    /// @param base the model
    /// @param rank the rank of the adapter's updates
    /// @param strength the size of the updates: at 1 they are about as large as the model's own matrices
    /// @param seed the seed of the numbers
    /// @return the adapter
    /// @throws IOException if the adapter cannot be written
    public static AdapterDirectory write(Path folder, CheckpointDirectory base, int rank, double strength, long seed)
            throws IOException {
        AdapterConfig config = new AdapterConfig(
                rank, 2.0 * rank, List.copyOf(AdapterTensors.maps(base.config()).keySet()));
        Random random = new Random(seed);
        double deviation = Math.sqrt(strength * base.config().initializerRange() / 2);
        List<StoredTensor> tensors = new ArrayList<>();
        AdapterTensors.of(base.config(), config).forEach((name, shape) -> {
            float[] values = new float[Math.toIntExact(shape.getFirst() * shape.getLast())];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (deviation * random.nextGaussian());
            }
            tensors.add(StoredTensor.ofFloats(name, shape, values));
        });
        Manifest manifest = Manifest.untrained().withBase(Optional.of(BaseModel.of(base)));
        AdapterDirectory.write(folder, config, tensors, manifest);
        return AdapterDirectory.open(folder);
    }
}
