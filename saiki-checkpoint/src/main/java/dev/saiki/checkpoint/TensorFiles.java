package dev.saiki.checkpoint;

import dev.saiki.checkpoint.json.JsonFields;
import dev.saiki.checkpoint.json.JsonFiles;
import dev.saiki.checkpoint.json.ValueChecks;
import dev.saiki.checkpoint.safetensors.SafetensorsFile;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.io.InputException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// The tensors of a model folder, in one file or in shards.
final class TensorFiles {

    static final String SINGLE = "model.safetensors";
    static final String INDEX = "model.safetensors.index.json";

    private TensorFiles() {}

    /// Whether a file contains tensors or is their index.
    static boolean isOne(String name) {
        return name.equals(INDEX) || name.endsWith(".safetensors");
    }

    /// Maps all tensors of a folder; the mappings live as long as the arena.
    ///
    /// @throws InputException if files are missing or malformed, or a tensor is in another file than the index
    ///     says, or in two files
    static SequencedMap<String, StoredTensor> open(Path directory, Arena arena) {
        Path single = directory.resolve(SINGLE);
        Path index = directory.resolve(INDEX);
        if (!Files.exists(index)) {
            if (!Files.exists(single)) {
                throw missing(directory, single);
            }
            return SafetensorsFile.map(single, arena);
        }
        InputException.require(
                !Files.exists(single), directory + ": must hold " + SINGLE + " or " + INDEX + ", not both");
        return openShards(directory, index, arena);
    }

    private static InputException missing(Path directory, Path single) {
        boolean isPickled = Stream.of("pytorch_model.bin", "pytorch_model.bin.index.json")
                .map(directory::resolve)
                .anyMatch(Files::exists);
        return new InputException(single + ": no such file; "
                + (isPickled
                        ? "pytorch_model.bin is not read, because it is a program. Convert it where you trust it, in"
                                + " Python: transformers.AutoModelForCausalLM.from_pretrained(\"" + directory
                                + "\", torch_dtype=\"auto\").save_pretrained(\"converted\")"
                        : "weights must be safetensors, so convert other formats with their own tools first"));
    }

    /// The files that contain the tensors of a folder and, if there are several, also their index.
    ///
    /// @throws InputException if the index is malformed
    static List<Path> files(Path directory) {
        Path index = directory.resolve(INDEX);
        if (!Files.exists(index)) {
            return List.of(directory.resolve(SINGLE));
        }
        List<Path> files = new ArrayList<>(List.of(index));
        shards(readIndex(index)).forEach(shard -> files.add(directory.resolve(shard)));
        return files;
    }

    private static List<String> shards(Map<String, String> shardOf) {
        return Set.copyOf(shardOf.values()).stream().sorted().toList();
    }

    private static SequencedMap<String, StoredTensor> openShards(Path directory, Path index, Arena arena) {
        Map<String, String> shardOf = readIndex(index);
        SequencedMap<String, StoredTensor> tensors = new LinkedHashMap<>();
        for (String shard : shards(shardOf)) {
            Path path = directory.resolve(shard);
            SafetensorsFile.map(path, arena).forEach((name, tensor) -> {
                if (!shard.equals(shardOf.get(name))) {
                    throw new InputException(path + ": holds " + name + ", which " + INDEX
                            + Optional.ofNullable(shardOf.get(name))
                                    .map(other -> " places in " + other)
                                    .orElse(" does not list"));
                }
                tensors.put(name, tensor);
            });
        }
        shardOf.forEach((name, shard) -> {
            if (!tensors.containsKey(name)) {
                throw new InputException(directory.resolve(shard) + ": tensor " + name + " is missing, but " + INDEX
                        + " lists it in this file");
            }
        });
        return tensors;
    }

    private static Map<String, String> readIndex(Path index) {
        return JsonFiles.read(index, json -> shardByTensor(JsonFields.of(json)));
    }

    private static Map<String, String> shardByTensor(JsonFields fields) {
        fields.requireKnown(Set.of("metadata", "weight_map"));
        JsonNode map = fields.value("weight_map").orElseThrow(() -> fields.missing("weight_map"));
        if (!map.isObject() || map.isEmpty()) {
            throw ValueChecks.wrong("weight_map", "an object that maps tensors to files", JsonFields.describe(map));
        }
        Map<String, String> shardOf = new TreeMap<>();
        map.properties().forEach(entry -> shardOf.put(entry.getKey(), shardName(entry.getKey(), entry.getValue())));
        return shardOf;
    }

    /// Requires a plain file name, because an index must not refer to files outside its folder.
    private static String shardName(String tensor, JsonNode file) {
        String name = file.isString() ? file.stringValue() : "";
        boolean plain = name.endsWith(".safetensors")
                && !name.startsWith(".")
                && name.chars().allMatch(c -> c < 128 && (Character.isLetterOrDigit(c) || "._-".indexOf(c) >= 0));
        if (!plain) {
            throw ValueChecks.wrong(
                    "weight_map." + tensor,
                    "the name of a .safetensors file in the same folder",
                    JsonFields.describe(file));
        }
        return name;
    }
}
