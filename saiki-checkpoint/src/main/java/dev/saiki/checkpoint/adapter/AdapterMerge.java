package dev.saiki.checkpoint.adapter;

import dev.saiki.checkpoint.BaseModel;
import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/// A model with an adapter's updates added to its matrices. The changed matrices become float32; the others keep
/// their format.
public final class AdapterMerge {

    private AdapterMerge() {}

    /// Merges in memory.
    ///
    /// @param base the model; its folder is unchanged
    /// @param adapter an adapter of this base
    /// @return the model with the updates
    /// @throws dev.saiki.io.InputException if the adapter belongs to another model
    public static CheckpointDirectory of(CheckpointDirectory base, AdapterDirectory adapter) {
        adapter.requireFits(base);
        Map<String, StoredTensor> merged = new LinkedHashMap<>();
        for (String map : adapter.config().maps()) {
            String weight = map + ".weight";
            merged.put(
                    weight,
                    sum(
                            require(base.tensors(), weight),
                            require(adapter.tensors(), AdapterTensors.down(map)),
                            require(adapter.tensors(), AdapterTensors.up(map)),
                            adapter.config()));
        }
        return base.withTensors(merged, manifest(base, adapter));
    }

    /// The provenance of the merged model: the adapter's training, which started from the base.
    private static Manifest manifest(CheckpointDirectory base, AdapterDirectory adapter) {
        return adapter.manifest()
                .filter(own -> own.base().isPresent())
                .orElseGet(() -> Manifest.untrained().withBase(Optional.of(BaseModel.of(base))));
    }

    private static StoredTensor sum(StoredTensor base, StoredTensor down, StoredTensor up, AdapterConfig config) {
        int inputs = Math.toIntExact(base.shape().getLast());
        int outputs = Math.toIntExact(base.shape().getFirst());
        int rank = config.rank();
        float scale = (float) config.scale();
        float[] sums = base.toFloats();
        float[] narrow = down.toFloats();
        float[] wide = up.toFloats();
        IntStream.range(0, outputs).parallel().forEach(output -> {
            float[] change = new float[inputs];
            for (int k = 0; k < rank; k++) {
                float factor = wide[output * rank + k];
                for (int i = 0; i < inputs; i++) {
                    change[i] += factor * narrow[k * inputs + i];
                }
            }
            for (int i = 0; i < inputs; i++) {
                sums[output * inputs + i] += scale * change[i];
            }
        });
        return StoredTensor.ofFloats(base.name(), base.shape(), sums);
    }

    private static StoredTensor require(Map<String, StoredTensor> tensors, String name) {
        return Objects.requireNonNull(tensors.get(name), name);
    }
}
