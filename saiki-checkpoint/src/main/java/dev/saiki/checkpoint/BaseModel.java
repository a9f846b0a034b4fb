package dev.saiki.checkpoint;

import dev.saiki.checkpoint.json.JsonFields;
import dev.saiki.checkpoint.json.JsonFiles;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The base model of a training run, in its state at the start of the run.
///
/// @param path the base model's folder at the start of the run
/// @param contentHash the base model's {@link ContentHash}
/// @param numRecursions the maximum number of recursions, which is 1 without recursion; empty if an older
///     version wrote the record
/// @param manifest the base model's own manifest, if known
public record BaseModel(String path, String contentHash, OptionalInt numRecursions, Optional<Manifest> manifest) {

    private static final Set<String> KEYS = Set.of("path", "content_hash", "num_recursions", "manifest");

    /// Reads the whole checkpoint of a base model.
    ///
    /// @param checkpoint the model
    /// @return the record that a training run keeps of its base
    public static BaseModel of(CheckpointDirectory checkpoint) {
        return new BaseModel(
                checkpoint.path().toString(),
                ContentHash.of(checkpoint),
                OptionalInt.of(checkpoint.config().numRecursions()),
                checkpoint.manifest());
    }

    /// Writes a file that {@link #read} reads.
    ///
    /// @param file the file
    /// @throws IOException if the file cannot be written
    public void write(Path file) throws IOException {
        JsonFiles.write(file, toJson());
    }

    /// Reads a file.
    ///
    /// @param file the file
    /// @return the base
    /// @throws InputException if the file is missing, malformed, or of a newer format
    public static BaseModel read(Path file) {
        return JsonFiles.read(file, json -> fromFields(JsonFields.of(json), file.toString()));
    }

    static BaseModel fromFields(JsonFields fields, String where) {
        fields.requireKnown(KEYS);
        return new BaseModel(
                fields.requireString("path"),
                fields.requireString("content_hash"),
                fields.optionalInt("num_recursions").map(OptionalInt::of).orElseGet(OptionalInt::empty),
                fields.value("manifest").map(json -> Manifest.fromJson(json, where)));
    }

    /// The object under `base` of a `manifest.json`.
    ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("path", path);
        json.put("content_hash", contentHash);
        numRecursions.ifPresent(recursions -> json.put("num_recursions", recursions));
        manifest.ifPresent(origin -> json.set("manifest", origin.toJson()));
        return json;
    }
}
