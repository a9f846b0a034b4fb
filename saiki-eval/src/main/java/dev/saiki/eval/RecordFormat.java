package dev.saiki.eval;

import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// A format of JSON files, each of which holds one record with a `format_version`.
///
/// @param type the record
/// @param content what such a file contains, as a noun phrase for messages, such as "the results of a study"
/// @param origin the command that writes such a file, as the end of a message that begins with "no such file;"
/// @param version the version of the record
/// @param <T> the record
public record RecordFormat<T>(Class<T> type, String content, String origin, int version) {

    /// Reads a file.
    ///
    /// @param file path of the file
    /// @return the record in the file
    /// @throws InputException if the file is missing, is of another kind, or has another version
    /// @throws IOException if the file cannot be read
    public T read(Path file) throws IOException {
        InputException.require(Files.isRegularFile(file), file + ": no such file; " + origin);
        try {
            JsonNode stored = RecordJson.MAPPER.readTree(Files.readString(file));
            int found = stored.path("format_version").asInt(0);
            InputException.require(found == version, file.toString(), "format_version", String.valueOf(version), found);
            return RecordJson.MAPPER.treeToValue(stored, type);
        } catch (JacksonException e) {
            throw new InputException(file + ": not " + content + ": " + e.getOriginalMessage(), e);
        }
    }

    /// Writes a file on one line.
    ///
    /// @param value the record
    /// @param file the file to write
    /// @throws IOException if the file cannot be written
    public void write(T value, Path file) throws IOException {
        AtomicFiles.writeString(file, RecordJson.MAPPER.writeValueAsString(value) + "\n");
    }
}
