package dev.saiki.train;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.safetensors.SafetensorsFile;
import dev.saiki.checkpoint.safetensors.SafetensorsWriter;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import dev.saiki.io.storage.Storage;
import dev.saiki.model.ModelWeights;
import dev.saiki.tensor.ProcessGroup;
import dev.saiki.tensor.TensorScope;
import dev.saiki.train.parallel.ShardedAdamW;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A resumable state on disk, in a folder `step-<n>`.
///
/// The folder contains the weights and buffers (`model.safetensors`), the optimizer's moments
/// (`optimizer.safetensors`, or one file per shard, `optimizer-<i>-of-<n>.safetensors`), the
/// recipe, and `state.json` with the counters and the length and CRC-32C of each large file. `state.json` is
/// written last, and the folder appears in one atomic rename; the checksums detect later damage.
record StateDirectory(Path path, RunState state, List<String> optimizerFiles) {

    static final String PREFIX = "step-";

    private static final String STATE = "state.json";
    private static final String MODEL = "model.safetensors";
    private static final String OPTIMIZER = "optimizer.safetensors";
    private static final JsonMapper JSON = JsonMapper.shared();

    /// The files of the optimizer's moments, in shard order.
    private static List<String> optimizerFiles(JsonNode json) {
        List<String> sharded = json.path("files")
                .propertyStream()
                .map(Map.Entry::getKey)
                .filter(name -> !name.equals(MODEL) && !name.equals(OPTIMIZER))
                .toList();
        return sharded.isEmpty() ? List.of(OPTIMIZER) : sharded;
    }

    /// Writes a state, replacing a damaged one at the same path. Only the first process writes, so the others need
    /// no access to the folder. If the optimizer is sharded, the first process receives one shard at a time, and
    /// writes it before it receives the next. Every process must call this.
    ///
    /// @param optimizer this process's optimizer
    /// @param group the processes
    static void write(
            Path path,
            RunState state,
            List<StoredTensor> weights,
            ShardedAdamW optimizer,
            String recipe,
            ProcessGroup group)
            throws IOException {
        if (!group.isFirst()) {
            collect(optimizer, group, (_, _) -> {});
            return;
        }
        AtomicFiles.writeDirectory(path, folder -> {
            ObjectNode files = JSON.createObjectNode();
            files.set(MODEL, writeTensors(folder, MODEL, weights));
            collect(optimizer, group, (name, moments) -> files.set(name, writeTensors(folder, name, moments)));
            Files.writeString(folder.resolve(RunDirectory.RECIPE), recipe);
            Files.writeString(folder.resolve(STATE), state.toJson(JSON, files));
        });
    }

    private interface ShardWriter {
        void write(String file, List<StoredTensor> moments) throws IOException;
    }

    /// Collects the optimizer's moments in the first process, shard by shard.
    private static void collect(ShardedAdamW optimizer, ProcessGroup group, ShardWriter writer) throws IOException {
        int shards = optimizer.numShards();
        for (int shard = 0; shard < shards; shard++) {
            group.awaitFirstIn(shard); // Writes the files before this one.
            try (TensorScope _ = TensorScope.open()) {
                List<StoredTensor> moments = optimizer.collect(shard);
                if (group.isFirst()) {
                    writer.write(shards == 1 ? OPTIMIZER : shardName(shard, shards), moments);
                }
            }
        }
    }

    private static String shardName(int rank, int size) {
        return String.format(Locale.ROOT, "optimizer-%d-of-%d.safetensors", rank + 1, size);
    }

    /// Opens a state and verifies its files completely.
    ///
    /// @throws InputException if the state is missing, incomplete or damaged; the message says which
    static StateDirectory open(Path given) {
        Path path = Storage.local(given);
        InputException.require(Files.isDirectory(path), path + ": no such saved state");
        try {
            JsonNode json = JSON.readTree(Files.readAllBytes(path.resolve(STATE)));
            checkFile(path, MODEL, json);
            List<String> optimizer = optimizerFiles(json);
            for (String file : optimizer) {
                checkFile(path, file, json);
            }
            return new StateDirectory(path, RunState.read(json), optimizer);
        } catch (IOException | JacksonException | InputException e) {
            throw new InputException(path + ": the saved state is damaged: " + e.getMessage(), e);
        }
    }

    /// The recipe of the run that saved this state.
    Recipe recipe() {
        return Recipe.load(path.resolve(RunDirectory.RECIPE), List.of());
    }

    /// Copies the weights and buffers of the state.
    ModelWeights loadWeights(ModelConfig config) {
        try (SafetensorsFile file = SafetensorsFile.open(path.resolve(MODEL))) {
            return ModelWeights.of(config, file.tensors());
        }
    }

    /// Overwrites weights and buffers with those of the state.
    void restore(ModelWeights weights) {
        try (SafetensorsFile file = SafetensorsFile.open(path.resolve(MODEL))) {
            weights.restore(file.tensors());
        }
    }

    /// Passes the optimizer's moments to a function, as one map per shard, in order.
    void withOptimizer(Consumer<List<Map<String, StoredTensor>>> user) {
        List<SafetensorsFile> files = new ArrayList<>();
        try {
            optimizerFiles.forEach(name -> files.add(SafetensorsFile.open(path.resolve(name))));
            List<Map<String, StoredTensor>> shards = new ArrayList<>();
            files.forEach(file -> shards.add(file.tensors()));
            user.accept(shards);
        } finally {
            files.forEach(SafetensorsFile::close);
        }
    }

    private static ObjectNode writeTensors(Path folder, String name, List<StoredTensor> tensors) throws IOException {
        CRC32C crc = new CRC32C();
        Path file = folder.resolve(name);
        AtomicFiles.write(
                file, output -> SafetensorsWriter.write(new CheckedOutputStream(output, crc), tensors, Map.of()));
        return JSON.createObjectNode().put("bytes", Files.size(file)).put("crc32c", crc.getValue());
    }

    private static void checkFile(Path folder, String name, JsonNode json) throws IOException {
        JsonNode entry = json.path("files").path(name);
        Path file = folder.resolve(name);
        long bytes = Files.size(file);
        if (bytes != entry.path("bytes").asLong(-1)) {
            throw new InputException(name + " must have " + entry.path("bytes") + " bytes, got " + bytes);
        }
        InputException.require(
                checksum(file) == entry.path("crc32c").asLong(-1), name + " does not match its checksum");
    }

    private static long checksum(Path file) throws IOException {
        CRC32C crc = new CRC32C();
        byte[] buffer = new byte[1 << 20];
        try (InputStream input = Files.newInputStream(file)) {
            for (int read = input.read(buffer); read >= 0; read = input.read(buffer)) {
                crc.update(buffer, 0, read);
            }
        }
        return crc.getValue();
    }
}
