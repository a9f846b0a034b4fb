package dev.saiki.checkpoint.adapter;

import dev.saiki.checkpoint.BaseModel;
import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.ContentHash;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.json.JsonFiles;
import dev.saiki.checkpoint.safetensors.SafetensorsFile;
import dev.saiki.checkpoint.safetensors.SafetensorsWriter;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import dev.saiki.io.Problems;
import dev.saiki.io.Suggestions;
import dev.saiki.io.storage.Storage;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// The folder of one adapter in the format of Hugging Face's PEFT: `adapter_config.json` and
/// `adapter_model.safetensors`, with a `manifest.json` that names the adapter's origin and base model.
///
/// A folder written by PEFT has no manifest; only names and shapes show whether the adapter fits a model.
public final class AdapterDirectory {

    private static final String CONFIG = CheckpointDirectory.ADAPTER_CONFIG;
    private static final String TENSORS = "adapter_model.safetensors";
    private static final String MANIFEST = "manifest.json";

    /// The prefix of a model's tensor names in PEFT.
    private static final String PREFIX = "base_model.model.";

    /// The maximum number of mismatches that a message names.
    private static final int MAX_NAMED = 5;

    private final Path path;
    private final AdapterConfig config;
    private final SequencedMap<String, StoredTensor> tensors;
    private final Optional<Manifest> manifest;

    private AdapterDirectory(
            Path path, AdapterConfig config, SequencedMap<String, StoredTensor> tensors, Optional<Manifest> manifest) {
        this.path = path;
        this.config = config;
        this.tensors = Collections.unmodifiableSequencedMap(tensors);
        this.manifest = manifest;
    }

    /// Opens the folder of an adapter; there is nothing to close.
    ///
    /// @param directory the folder, or a run's folder, which stands for the newest adapter in it
    /// @return the adapter
    /// @throws InputException if the folder or a file is missing or malformed, or the adapter is of an unsupported
    ///     kind
    public static AdapterDirectory open(Path directory) {
        Path path = locate(directory);
        try {
            Optional<Manifest> manifest = Files.exists(path.resolve(MANIFEST))
                    ? Optional.of(Manifest.read(path.resolve(MANIFEST)))
                    : Optional.empty();
            PeftJson.Strength strength = PeftJson.read(JsonFiles.read(path.resolve(CONFIG)));
            SequencedMap<String, StoredTensor> tensors = new LinkedHashMap<>();
            SafetensorsFile.map(path.resolve(TENSORS), Arena.ofAuto())
                    .forEach((name, tensor) -> tensors.put(plain(name), renamed(tensor, plain(name))));
            return new AdapterDirectory(
                    path, new AdapterConfig(strength.rank(), strength.alpha(), maps(tensors)), tensors, manifest);
        } catch (InputException e) {
            String message = String.valueOf(e.getMessage());
            throw message.startsWith(path.toString()) ? e : new InputException(path + ": " + message, e);
        }
    }

    private static Path locate(Path given) {
        Path directory = Storage.local(given, CheckpointDirectory.LAST);
        for (Path folder : List.of(directory, directory.resolve(CheckpointDirectory.LAST))) {
            if (Files.exists(folder.resolve(CONFIG))) {
                return folder;
            }
        }
        if (!Files.isDirectory(directory)) {
            throw new InputException(directory + ": no such folder" + Suggestions.forMissing(directory));
        }
        throw new InputException(directory + ": contains no adapter: neither " + CONFIG + " nor a folder "
                + CheckpointDirectory.LAST + " with one; give the folder of a run with a recipe section `adapter`,"
                + " or a folder that PEFT wrote");
    }

    private static String plain(String name) {
        return name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
    }

    private static StoredTensor renamed(StoredTensor tensor, String name) {
        return new StoredTensor(name, tensor.type(), tensor.shape(), tensor.data());
    }

    /// The maps that have both matrices of an update.
    private static List<String> maps(Map<String, StoredTensor> tensors) {
        List<String> maps = new ArrayList<>();
        for (StoredTensor tensor : tensors.values()) {
            String name = tensor.name();
            if (!AdapterTensors.isDown(name) && !AdapterTensors.isUp(name)) {
                throw new InputException(TENSORS + ": " + name + " is not part of a low-rank update of a linear map;"
                        + " such adapters are not supported");
            }
            InputException.require(
                    tensor.type().widensToFloat(), TENSORS + ": " + name, "F32, BF16 or F16", tensor.type());
            if (AdapterTensors.isDown(name)) {
                maps.add(AdapterTensors.mapOfDown(name));
            }
        }
        for (String map : maps) {
            if (!tensors.containsKey(AdapterTensors.up(map))) {
                throw new InputException(TENSORS + ": " + AdapterTensors.up(map) + " is missing");
            }
        }
        if (2 * maps.size() != tensors.size()) {
            throw new InputException(TENSORS + ": has " + tensors.size() + " matrices and only " + maps.size()
                    + " pairs of lora_A and lora_B");
        }
        return maps;
    }

    /// Writes or replaces a folder in one step.
    ///
    /// @param directory the folder
    /// @param config the adapter's structure
    /// @param tensors the adapter's matrices by their plain names
    /// @param manifest the adapter's provenance, with the base
    /// @throws IOException if writing fails; the folder is then unchanged
    public static void write(Path directory, AdapterConfig config, List<StoredTensor> tensors, Manifest manifest)
            throws IOException {
        List<StoredTensor> named = tensors.stream()
                .map(tensor -> renamed(tensor, PREFIX + tensor.name()))
                .toList();
        String base = manifest.base().map(BaseModel::path).orElse("");
        AtomicFiles.writeDirectory(directory, folder -> {
            JsonFiles.write(folder.resolve(CONFIG), PeftJson.write(config, base));
            SafetensorsWriter.write(folder.resolve(TENSORS), named, Map.of("format", "pt"));
            JsonFiles.write(folder.resolve(MANIFEST), manifest.toJson());
        });
    }

    /// Returns the adapter's structure.
    ///
    /// @return the rank, alpha and the maps
    public AdapterConfig config() {
        return config;
    }

    /// Returns the matrices.
    ///
    /// @return the tensors by name, as in {@link AdapterTensors}
    public SequencedMap<String, StoredTensor> tensors() {
        return tensors;
    }

    /// Returns the provenance.
    ///
    /// @return the manifest; empty for a folder that another tool wrote
    public Optional<Manifest> manifest() {
        return manifest;
    }

    /// Returns the identity of the base model for which the adapter was trained.
    ///
    /// @return the base model's {@link ContentHash}; empty if it was not recorded
    public Optional<String> baseHash() {
        return manifest.flatMap(Manifest::base).map(BaseModel::contentHash);
    }

    /// Checks that an adapter fits a model: the names and shapes must match and, if the adapter records a
    /// hash of its base model, so must the hash.
    ///
    /// @param base the model, which is read completely to compute its hash
    /// @throws InputException if the adapter does not fit; the message names the differences
    public void requireFits(CheckpointDirectory base) {
        requireShapes(base);
        if (baseHash().isPresent()) {
            requireHash(base, ContentHash.of(base));
        }
    }

    /// Checks that the adapter's matrices fit the maps of a model.
    ///
    /// @param base the model
    /// @throws InputException if the matrices do not fit; the message names the differences
    public void requireShapes(CheckpointDirectory base) {
        SequencedMap<String, List<Long>> known = AdapterTensors.maps(base.config());
        List<String> unknown =
                config.maps().stream().filter(map -> !known.containsKey(map)).toList();
        if (!unknown.isEmpty()) {
            throw new InputException(path + ": is not an adapter of " + base.path() + ", which has no map "
                    + unknown.getFirst() + " that an adapter can change"
                    + (unknown.size() > 1 ? ", nor " + (unknown.size() - 1) + " others that the adapter changes" : "")
                    + Suggestions.didYouMean(unknown.getFirst(), known.keySet()));
        }
        List<String> wrong = new ArrayList<>();
        AdapterTensors.of(base.config(), config).forEach((name, shape) -> {
            @Nullable StoredTensor tensor = tensors.get(name);
            if (tensor == null || !tensor.shape().equals(shape)) {
                wrong.add(name + " must have shape " + shape + ", got "
                        + (tensor == null ? "none" : tensor.shape().toString()));
            }
        });
        Problems problems = new Problems();
        wrong.stream().limit(MAX_NAMED).forEach(problems::add);
        problems.throwIfAny(path + ": is not an adapter of " + base.path());
    }

    /// Checks that the adapter was trained for a model.
    ///
    /// @param base the model
    /// @param hash the model's {@link ContentHash}
    /// @throws InputException if the adapter was trained for another model
    public void requireHash(CheckpointDirectory base, String hash) {
        manifest.flatMap(Manifest::base).ifPresent(own -> {
            if (!own.contentHash().equals(hash)) {
                throw new InputException(path + ": is an adapter of another model (" + own.path() + ", content hash "
                        + own.contentHash() + ") than " + base.path() + " (" + hash + ")");
            }
        });
    }
}
