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

/// The base model of a training, as it was at its start.
///
/// @param path where it lay
/// @param contentHash its {@link ContentHash}
/// @param numRecursions how often it takes its middle layers at most, 1 without recursion; empty if it was
///     written by a version that did not say so, or its layers were tied, whose recursion deepens nothing
/// @param manifest where it came from itself, if that is known
public record BaseModel(String path, String contentHash, OptionalInt numRecursions, Optional<Manifest> manifest) {

    private static final Set<String> KEYS = Set.of("path", "content_hash", "num_recursions", "manifest");

    /// Reads all of a checkpoint.
    ///
    /// @param checkpoint the model
    /// @return what a training that starts from it keeps of it
    public static BaseModel of(CheckpointDirectory checkpoint) {
        return new BaseModel(
                checkpoint.path().toString(),
                ContentHash.of(checkpoint),
                OptionalInt.of(checkpoint.config().numRecursions()),
                checkpoint.manifest());
    }

    /// Reads all of a checkpoint whose layers are tied.
    ///
    /// @param checkpoint the model
    /// @return what the shrunk model keeps of it
    public static BaseModel ofShrunk(CheckpointDirectory checkpoint) {
        return new BaseModel(
                checkpoint.path().toString(), ContentHash.of(checkpoint), OptionalInt.empty(), checkpoint.manifest());
    }

    /// Tells whether a model that started from this one is a model of one pass that was deepened.
    ///
    /// @param recursions of the model that started from this one
    /// @return whether it has several, and this one, or one that this one started from, had one
    public boolean isDeepenedBy(int recursions) {
        return recursions > 1
                && (numRecursions.orElse(recursions) == 1
                        || manifest.flatMap(Manifest::base)
                                .filter(base -> base.isDeepenedBy(recursions))
                                .isPresent());
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
                fields.optionalInt("num_recursions").map(OptionalInt::of).orElseGet(OptionalInt::empty),
                fields.value("manifest").map(Manifest::fromJson));
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
