package dev.saiki.checkpoint;

import dev.saiki.checkpoint.json.JsonFields;
import dev.saiki.checkpoint.json.JsonFiles;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The model that a training started from, as it was then.
///
/// @param path where it lay
/// @param contentHash its {@link ContentHash}
/// @param manifest where it came from itself, if that is known
public record BaseModel(String path, String contentHash, Optional<Manifest> manifest) {

    private static final Set<String> KEYS = Set.of("path", "content_hash", "manifest");

    /// Reads all of a checkpoint.
    ///
    /// @param checkpoint the model
    /// @return what a training that starts from it keeps of it
    public static BaseModel of(CheckpointDirectory checkpoint) {
        return new BaseModel(checkpoint.path().toString(), ContentHash.of(checkpoint), checkpoint.manifest());
    }

    /// Writes a file that {@link #read} reads.
    ///
    /// @param file the file
    /// @throws IOException if it cannot be written
    public void write(Path file) throws IOException {
        JsonFiles.write(file, toJson());
    }

    /// Reads a file.
    ///
    /// @param file the file
    /// @return the base
    /// @throws InputException if the file is missing, malformed, or of a newer format
    public static BaseModel read(Path file) {
        try {
            return fromFields(JsonFields.of(JsonFiles.read(file)));
        } catch (InputException e) {
            throw new InputException(file + ": " + e.getMessage(), e);
        }
    }

    static BaseModel fromFields(JsonFields fields) {
        fields.requireKnown(KEYS);
        return new BaseModel(
                fields.requireString("path"),
                fields.requireString("content_hash"),
                fields.value("manifest").map(Manifest::fromJson));
    }

    /// The object under `base` of a `manifest.json`.
    ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("path", path);
        json.put("content_hash", contentHash);
        manifest.ifPresent(origin -> json.set("manifest", origin.toJson()));
        return json;
    }
}
