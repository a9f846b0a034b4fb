package dev.saiki.train;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.safetensors.SafetensorsFile;
import dev.saiki.checkpoint.safetensors.SafetensorsWriter;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import dev.saiki.io.storage.Storage;
import dev.saiki.model.ModelWeights;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A resumable state on disk: the folder `step-<n>`.
///
/// It holds the weights and buffers (`model.safetensors`), the optimizer's moments (`optimizer.safetensors`), the
/// recipe, and `state.json` with the counters and with length and CRC-32C of the two large files. The folder appears in
/// one rename; the checksums are against what may happen to it afterwards.
final class StateDirectory {

    static final String PREFIX = "step-";

    private static final String STATE = "state.json";
    private static final String MODEL = "model.safetensors";
    private static final String OPTIMIZER = "optimizer.safetensors";
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Path path;
    private final RunState state;

    private StateDirectory(Path path, RunState state) {
        this.path = path;
        this.state = state;
    }

    /// Writes a state; a damaged one in the same place is replaced.
    static void write(
            Path path, RunState state, List<StoredTensor> weights, List<StoredTensor> optimizer, String recipe)
            throws IOException {
        AtomicFiles.writeDirectory(path, folder -> {
            ObjectNode files = JSON.createObjectNode();
            writeTensors(folder, MODEL, weights, files);
            writeTensors(folder, OPTIMIZER, optimizer, files);
            Files.writeString(folder.resolve(RunDirectory.RECIPE), recipe);
            Files.writeString(folder.resolve(STATE), state.toJson(JSON, files));
        });
    }

    /// Opens a state and checks its files from end to end.
    ///
    /// @throws InputException if it is missing, incomplete or damaged; says in what way
    static StateDirectory open(Path given) {
        Path path = Storage.local(given);
        if (!Files.isDirectory(path)) {
            throw new InputException(path + ": no such saved state");
        }
        try {
            JsonNode json = JSON.readTree(Files.readAllBytes(path.resolve(STATE)));
            checkFile(path, MODEL, json);
            checkFile(path, OPTIMIZER, json);
            return new StateDirectory(path, RunState.read(json));
        } catch (IOException | JacksonException | InputException e) {
            throw new InputException(path + ": the saved state is damaged: " + e.getMessage(), e);
        }
    }

    RunState state() {
        return state;
    }

    /// The recipe of the run that saved the state.
    Recipe recipe() {
        return Recipe.load(path.resolve(RunDirectory.RECIPE), List.of());
    }

    /// Copies the weights and buffers.
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

    /// Lends the optimizer's moments.
    void withOptimizer(Consumer<Map<String, StoredTensor>> user) {
        try (SafetensorsFile file = SafetensorsFile.open(path.resolve(OPTIMIZER))) {
            user.accept(file.tensors());
        }
    }

    private static void writeTensors(Path folder, String name, List<StoredTensor> tensors, ObjectNode files)
            throws IOException {
        CRC32C crc = new CRC32C();
        Path file = folder.resolve(name);
        AtomicFiles.write(
                file, output -> SafetensorsWriter.write(new CheckedOutputStream(output, crc), tensors, Map.of()));
        ObjectNode entry = files.putObject(name);
        entry.put("bytes", Files.size(file));
        entry.put("crc32c", crc.getValue());
    }

    private static void checkFile(Path folder, String name, JsonNode json) throws IOException {
        JsonNode entry = json.path("files").path(name);
        Path file = folder.resolve(name);
        long bytes = Files.size(file);
        if (bytes != entry.path("bytes").asLong(-1)) {
            throw new InputException(name + " must have " + entry.path("bytes") + " bytes, got " + bytes);
        }
        if (checksum(file) != entry.path("crc32c").asLong(-1)) {
            throw new InputException(name + " does not match its checksum");
        }
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
