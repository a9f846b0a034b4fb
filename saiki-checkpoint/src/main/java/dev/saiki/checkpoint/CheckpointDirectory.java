package dev.saiki.checkpoint;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.json.JsonFiles;
import dev.saiki.checkpoint.provenance.Verification;
import dev.saiki.checkpoint.safetensors.SafetensorsWriter;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import dev.saiki.io.storage.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The folder of one model: configuration, tensors, tokenizer, provenance.
///
/// Opening checks everything and maps the tensors. A folder need not be closed, since the mapping ends when the
/// last tensor is garbage-collected. Folders written by other tools can be opened too, if the model belongs to a
/// {@link dev.saiki.checkpoint.config.ModelFamily} and all its tensors are known.
public final class CheckpointDirectory {

    /// The name of the newest checkpoint in a run's folder.
    public static final String LAST = "last";

    /// The optional small files beside a model's tensors and tokenizer: settings of the tokenizer, settings of
    /// generation, and the chat template.
    public static final List<String> COMPANIONS = List.of(
            "tokenizer_config.json", "special_tokens_map.json", "generation_config.json", "chat_template.jinja");

    /// The file that marks a folder as an adapter's.
    public static final String ADAPTER_CONFIG = "adapter_config.json";

    private static final String CONFIG = FolderConfig.FILE;
    private static final String GENERATION_CONFIG = "generation_config.json";
    private static final String TOKENIZER = "tokenizer.json";
    private static final String MANIFEST = "manifest.json";

    /// The maximum depth of the search for models below a folder without a model.
    private static final int DEEPEST_PROPOSAL = 4;
    /// The maximum number of models that the search for models below a folder lists.
    private static final int MAX_PROPOSALS = 3;

    private final Path path;
    private final ModelConfig config;
    private final SequencedMap<String, StoredTensor> tensors;
    private final Optional<Manifest> manifest;
    private final List<Integer> endTokenIds;

    private CheckpointDirectory(
            Path path,
            ModelConfig config,
            SequencedMap<String, StoredTensor> tensors,
            Optional<Manifest> manifest,
            List<Integer> endTokenIds) {
        this.path = path;
        this.config = config;
        this.tensors = tensors;
        this.manifest = manifest;
        this.endTokenIds = endTokenIds;
    }

    /// Opens a folder.
    ///
    /// @param directory the checkpoint's folder, or a run's folder, which stands for its newest checkpoint;
    ///     possibly in object storage
    /// @return the checkpoint
    /// @throws InputException if the folder or a file is missing or malformed, the format is newer than this
    ///     version reads, or a tensor is unknown, missing, duplicated, or of the wrong shape or format; the
    ///     message names the cause
    public static CheckpointDirectory open(Path directory) {
        Path path = locate(Storage.local(directory, LAST));
        Optional<Manifest> manifest = readManifest(path);
        return of(path, ModelConfig.read(path.resolve(CONFIG)), TensorFiles.open(path, Arena.ofAuto()), manifest);
    }

    /// Opens a folder whose weights may be quantized.
    ///
    /// @param directory the folder, as in {@link #open(Path)}
    /// @param decoder decodes the weights if the configuration has the key `quantization_config`
    /// @return the checkpoint, with a configuration without this key
    /// @throws InputException as in {@link #open(Path)}, or if the decoder refuses the weights
    /// @throws IOException if the decoder cannot store the weights
    public static CheckpointDirectory open(Path directory, WeightDecoder decoder) throws IOException {
        Path path = locate(Storage.local(directory, LAST));
        Optional<Manifest> manifest = readManifest(path);
        FolderConfig read = FolderConfig.read(path);
        SequencedMap<String, StoredTensor> stored = TensorFiles.open(path, Arena.ofAuto());
        SequencedMap<String, StoredTensor> decoded = read.quantization().isPresent()
                ? decoder.decode(path.toString(), read.quantization().get(), stored)
                : stored;
        return of(path, read.config(), decoded, manifest);
    }

    /// Reads the manifest, always before other files, because a newer format may differ in all other respects.
    private static Optional<Manifest> readManifest(Path path) {
        Path manifest = path.resolve(MANIFEST);
        return Files.exists(manifest) ? Optional.of(Manifest.read(manifest)) : Optional.empty();
    }

    private static CheckpointDirectory of(
            Path path, ModelConfig config, SequencedMap<String, StoredTensor> tensors, Optional<Manifest> manifest) {
        SequencedMap<String, StoredTensor> stored = RedundantTensors.leaveOutZeroBiases(
                config,
                FusedTensors.split(
                        path.toString(),
                        config,
                        RedundantTensors.leaveOut(config, tensors),
                        FusedTensors.Layout.HUGGING_FACE));
        TensorCheck.problem(config, stored).ifPresent(problem -> {
            throw new InputException(path + ": " + problem);
        });
        List<Integer> ends = Stream.concat(
                        config.eosTokenIds().stream(), generationEnds(path.resolve(GENERATION_CONFIG)))
                .distinct()
                .toList();
        return new CheckpointDirectory(path, config, inCheckpointOrder(config, stored), manifest, ends);
    }

    /// The end-of-text tokens in `generation_config.json`, the only file in which many models list all of them.
    private static Stream<Integer> generationEnds(Path file) {
        if (!Files.exists(file)) {
            return Stream.empty();
        }
        JsonNode ends = JsonFiles.read(file).path("eos_token_id");
        return (ends.isArray() ? ends.values().stream() : Stream.of(ends))
                .filter(end -> !end.isMissingNode() && !end.isNull())
                .map(end -> {
                    InputException.require(
                            end.isInt(), file.toString(), "eos_token_id", "a token or a list of tokens", end);
                    return end.intValue();
                });
    }

    /// Finds the model in a folder.
    ///
    /// @param directory a checkpoint, or the folder of a run, which stands for its {@value #LAST}
    /// @return the folder with the model's files
    /// @throws InputException if there is no such folder, or neither the folder nor its {@value #LAST} contains a
    ///     model
    public static Path locate(Path directory) {
        Path folder = contentOf(directory)
                .orElseThrow(() -> Files.exists(directory)
                        ? new InputException(directory
                                + ": must be the folder of a checkpoint or a run, got a file; saiki import converts"
                                + " a model of another format")
                        : new InputException(directory + ": no such folder" + Suggestions.forMissing(directory)));
        requireModel(folder);
        if (Files.exists(folder.resolve(CONFIG)) || Files.exists(folder.resolve(MANIFEST))) {
            return folder;
        }
        return contentOf(folder.resolve(LAST))
                .map(CheckpointDirectory::requireModel)
                .orElseThrow(() -> noModel(folder));
    }

    private static Path requireModel(Path folder) {
        if (!Files.exists(folder.resolve(CONFIG)) && Files.exists(folder.resolve(ADAPTER_CONFIG))) {
            throw new InputException(folder
                    + ": contains an adapter, not a model; give it as --adapter, and its base model" + " as --model");
        }
        return folder;
    }

    /// The display name of the model in a folder.
    ///
    /// @param directory a checkpoint, or the folder of a run
    /// @return the folder's name; for a {@value #LAST} folder, the name of the run that contains it; `model`
    ///     for the root folder
    public static String nameOf(Path directory) {
        Path folder = directory.toAbsolutePath().normalize();
        @Nullable Path parent = folder.getParent();
        @Nullable Path name = folder.endsWith(LAST) && parent != null ? parent.getFileName() : folder.getFileName();
        return name == null ? "model" : name.toString();
    }

    /// Finds a folder. A writer that was killed while it replaced the folder leaves the old one under another
    /// name, which this method then returns; the next writer, which has write access, renames the old folder back.
    private static Optional<Path> contentOf(Path directory) {
        if (Files.exists(directory)) {
            return Files.isDirectory(directory) ? Optional.of(directory) : Optional.empty();
        }
        Path previous = directory.resolveSibling(directory.getFileName() + AtomicFiles.PREVIOUS_SUFFIX);
        return Files.isDirectory(previous) ? Optional.of(previous) : Optional.empty();
    }

    private static InputException noModel(Path folder) {
        List<Path> below = modelsBelow(folder);
        String remedy = below.isEmpty()
                ? "give the folder that contains a model's " + CONFIG + ", or the folder of a run of saiki train"
                : "did you mean "
                        + String.join(", ", below.stream().map(Path::toString).toList()) + "?";
        return new InputException(
                folder + ": contains no model: neither " + CONFIG + " nor a folder " + LAST + "; " + remedy);
    }

    /// Finds models in subfolders, such as the models of a study, to suggest to the user.
    private static List<Path> modelsBelow(Path folder) {
        try (Stream<Path> found =
                Files.find(folder, DEEPEST_PROPOSAL, (file, _) -> CONFIG.equals(String.valueOf(file.getFileName())))) {
            return found.flatMap(file -> Stream.ofNullable(file.getParent()))
                    .filter(model -> !model.endsWith("best"))
                    .sorted()
                    .limit(MAX_PROPOSALS)
                    .toList();
        } catch (IOException | UncheckedIOException unreadable) {
            return List.of();
        }
    }

    private static SequencedMap<String, StoredTensor> inCheckpointOrder(
            ModelConfig config, Map<String, StoredTensor> stored) {
        SequencedMap<String, StoredTensor> ordered = new LinkedHashMap<>();
        for (String name : ParameterNames.allowed(config).keySet()) {
            @Nullable StoredTensor tensor = stored.get(name);
            if (tensor != null) {
                ordered.put(name, tensor);
            }
        }
        return Collections.unmodifiableSequencedMap(ordered);
    }

    /// Writes or replaces a folder in one step: a reader sees either the old or the new checkpoint.
    ///
    /// @param directory the folder
    /// @param config the model
    /// @param tensors the tensors, exactly those of {@link ParameterNames}
    /// @param tokenizerJson a tokenizer to copy into the folder
    /// @param manifest provenance
    /// @throws IOException if writing fails; the folder is then unchanged
    /// @throws IllegalArgumentException if a tensor is unknown, missing, or of the wrong shape or format
    public static void write(
            Path directory,
            ModelConfig config,
            List<StoredTensor> tensors,
            Optional<Path> tokenizerJson,
            Manifest manifest)
            throws IOException {
        SequencedMap<String, byte[]> files = new LinkedHashMap<>();
        if (tokenizerJson.isPresent()) {
            files.put(TOKENIZER, Files.readAllBytes(tokenizerJson.get()));
        }
        write(directory, config, tensors, files, manifest);
    }

    /// Writes or replaces a folder in one step, with the model's other files.
    ///
    /// @param directory the folder
    /// @param config the model
    /// @param tensors the tensors, exactly those of {@link ParameterNames}, or fused as in {@link FusedTensors}
    /// @param files content by file name, such as `tokenizer.json`; these files replace generated files of
    ///     the same name
    /// @param manifest provenance
    /// @throws IOException if writing fails; the folder is then unchanged
    /// @throws IllegalArgumentException if a tensor is unknown, missing, or of the wrong shape or format
    public static void write(
            Path directory,
            ModelConfig config,
            List<StoredTensor> tensors,
            SequencedMap<String, byte[]> files,
            Manifest manifest)
            throws IOException {
        problem(config, tensors).ifPresent(problem -> {
            throw new IllegalArgumentException(problem);
        });
        AtomicFiles.writeDirectory(directory, folder -> {
            JsonFiles.write(folder.resolve(CONFIG), config.toJson());
            JsonFiles.write(folder.resolve(GENERATION_CONFIG), generationConfig(config));
            JsonFiles.write(folder.resolve(MANIFEST), manifest.toJson());
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                Files.write(folder.resolve(file.getKey()), file.getValue());
            }
            SafetensorsWriter.write(folder.resolve(TensorFiles.SINGLE), tensors, Map.of("format", "pt"));
        });
    }

    /// Finds the first problem in the tensors of a model.
    ///
    /// @param config the model
    /// @param tensors the model's tensors
    /// @return a message that names the first tensor that is unknown, missing, duplicated, or of the wrong shape
    ///     or format; empty if all tensors are valid
    public static Optional<String> problem(ModelConfig config, List<StoredTensor> tensors) {
        SequencedMap<String, StoredTensor> byName = new LinkedHashMap<>();
        for (StoredTensor tensor : tensors) {
            if (byName.put(tensor.name(), tensor) != null) {
                return Optional.of("two tensors named " + tensor.name());
            }
        }
        return TensorCheck.problem(
                config, FusedTensors.split("the model", config, byName, FusedTensors.Layout.HUGGING_FACE));
    }

    private static ObjectNode generationConfig(ModelConfig config) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("_from_model_config", true);
        config.bosTokenId().ifPresent(token -> json.put("bos_token_id", token));
        if (config.eosTokenIds().size() <= 1) {
            config.eosTokenId().ifPresent(token -> json.put("eos_token_id", token));
        } else {
            config.eosTokenIds().forEach(json.putArray("eos_token_id")::add);
        }
        return json;
    }

    /// Returns the folder that was read.
    ///
    /// @return the folder; its sibling `….previous` if a writer was killed while it replaced the folder
    public Path path() {
        return path;
    }

    /// Returns all tokens that end an answer.
    ///
    /// @return the tokens of the configuration, then those of `generation_config.json`
    public List<Integer> endTokenIds() {
        return endTokenIds;
    }

    /// Returns the model's structure.
    ///
    /// @return the configuration
    public ModelConfig config() {
        return config;
    }

    /// Returns all tensors, in the order of {@link ParameterNames#allowed}.
    ///
    /// @return the tensors by name, mapped from the files
    public SequencedMap<String, StoredTensor> tensors() {
        return tensors;
    }

    /// Tells whether the folder contains a tokenizer.
    ///
    /// @return false for a model without tokenizer
    public boolean hasTokenizer() {
        return Files.isRegularFile(path.resolve(TOKENIZER));
    }

    /// Returns the tokenizer.
    ///
    /// @return the path of `tokenizer.json`
    /// @throws InputException if the folder has none
    public Path tokenizer() {
        if (!hasTokenizer()) {
            throw new InputException(path.resolve(TOKENIZER) + ": no such file; this checkpoint has no tokenizer,"
                    + " so copy the tokenizer that it was trained with to this path");
        }
        return path.resolve(TOKENIZER);
    }

    /// Returns the provenance.
    ///
    /// @return the manifest; empty for a folder that another tool wrote
    public Optional<Manifest> manifest() {
        return manifest;
    }

    /// Returns the files of the model: configuration, tensors, and the tokenizer if there is one.
    ///
    /// @return files in the folder, in this order
    public List<Path> files() {
        List<Path> files = new ArrayList<>();
        files.add(path.resolve(CONFIG));
        files.addAll(TensorFiles.files(path));
        if (hasTokenizer()) {
            files.add(path.resolve(TOKENIZER));
        }
        return files;
    }

    /// Writes a copy of the model with another configuration and some other tensors, and with all its other files,
    /// to another folder; this folder is unchanged.
    ///
    /// @param directory the other folder
    /// @param changed configuration of the same shape
    /// @param replaced tensors that replace the tensors of the same names
    /// @param manifest provenance
    /// @throws IOException if writing fails
    public void writeChanged(Path directory, ModelConfig changed, Map<String, StoredTensor> replaced, Manifest manifest)
            throws IOException {
        SequencedMap<String, byte[]> files = new LinkedHashMap<>();
        try (Stream<Path> own = Files.list(path)) {
            for (Path file : own.filter(Files::isRegularFile).sorted().toList()) {
                String name = String.valueOf(file.getFileName());
                boolean isWritten = name.equals(CONFIG) || name.equals(MANIFEST) || TensorFiles.isOne(name);
                if (!isWritten) {
                    files.put(name, Files.readAllBytes(file));
                }
            }
        }
        List<StoredTensor> all = tensors.entrySet().stream()
                .map(entry -> replaced.getOrDefault(entry.getKey(), entry.getValue()))
                .toList();
        write(directory, changed, all, files, manifest);
    }

    /// Returns a copy of the model with other numbers in some tensors, in memory; the folder and this object are
    /// unchanged.
    ///
    /// @param replaced tensors that replace the tensors of the same names and shapes
    /// @param changed provenance of the result
    /// @return the changed model, with the other files of this folder
    public CheckpointDirectory withTensors(Map<String, StoredTensor> replaced, Manifest changed) {
        SequencedMap<String, StoredTensor> all = new LinkedHashMap<>(tensors);
        replaced.forEach((name, tensor) -> {
            if (all.replace(name, tensor) == null) {
                throw new IllegalArgumentException("no tensor " + name);
            }
        });
        TensorCheck.problem(config, all).ifPresent(problem -> {
            throw new IllegalArgumentException(problem);
        });
        return new CheckpointDirectory(
                path, config, Collections.unmodifiableSequencedMap(all), Optional.of(changed), endTokenIds);
    }

    /// Reads the {@link #COMPANIONS} that exist.
    ///
    /// @return the contents by name
    /// @throws IOException if a file cannot be read
    public SequencedMap<String, byte[]> companions() throws IOException {
        SequencedMap<String, byte[]> found = new LinkedHashMap<>();
        for (String name : COMPANIONS) {
            Path file = path.resolve(name);
            if (Files.isRegularFile(file)) {
                found.put(name, Files.readAllBytes(file));
            }
        }
        return found;
    }

    /// Records in the provenance the losses at each uniform depth; this object is unchanged.
    ///
    /// @param lossesAtDepths losses by depth, from 1, in nats
    /// @throws IOException if the file cannot be written
    public void writeUniformDepths(List<Double> lossesAtDepths) throws IOException {
        changeManifest(before -> before.withUniformDepths(lossesAtDepths));
    }

    /// Records in the provenance a comparison with another tool's results for the model; this object is unchanged.
    ///
    /// @param verification the comparison
    /// @throws IOException if the file cannot be written
    public void writeVerification(Verification verification) throws IOException {
        changeManifest(before -> before.with(verification));
    }

    /// Changes the provenance in the file, which another program may have changed since this object was created.
    ///
    /// @param change maps the current manifest to the new one
    /// @throws IOException if the file cannot be written
    public void changeManifest(UnaryOperator<Manifest> change) throws IOException {
        Path file = path.resolve(MANIFEST);
        Manifest before = Files.exists(file) ? Manifest.read(file) : Manifest.untrained();
        JsonFiles.write(file, change.apply(before).toJson());
    }
}
