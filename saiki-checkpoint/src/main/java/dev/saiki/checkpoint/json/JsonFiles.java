package dev.saiki.checkpoint.json;

import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import dev.saiki.io.JsonTrees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;

/// Strict reading and stable writing of the small JSON files of a checkpoint.
public final class JsonFiles {

    /// A limit far above the size of any configuration or index; the longest text is the resolved recipe in a
    /// manifest.
    private static final long MAX_BYTES = 64L << 20;

    private static final int MAX_DEPTH = 64;

    private JsonFiles() {}

    /// Creates a factory of parsers that refuse duplicate keys, excessive nesting and very long names.
    public static JsonFactory factory(int maxDepth, int maxNameLength) {
        StreamReadConstraints constraints = StreamReadConstraints.builder()
                .maxNestingDepth(maxDepth)
                .maxNameLength(maxNameLength)
                .build();
        return JsonFactory.builder()
                .streamReadConstraints(constraints)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();
    }

    private static final JsonFactory FACTORY = factory(MAX_DEPTH, 1 << 12);

    public static JsonNode read(Path file) {
        byte[] bytes = readBounded(file);
        try {
            return JsonTrees.read(FACTORY, bytes);
        } catch (JacksonException e) {
            throw notJson(file.toString(), e);
        }
    }

    /// Reads a file and interprets its content; an exception about the content names the file.
    public static <T> T read(Path file, Function<JsonNode, T> content) {
        JsonNode json = read(file);
        try {
            return content.apply(json);
        } catch (InputException e) {
            throw new InputException(file + ": " + e.getMessage(), e);
        }
    }

    /// The exception for an invalid JSON file. For a truncated file the exception states only the position,
    /// because the parser's message is not helpful.
    public static InputException notJson(String where, JacksonException e) {
        // If a limit on depth or length is exceeded, the parser reports no position.
        @Nullable TokenStreamLocation location = e.getLocation();
        String line = location == null ? "" : " (line " + location.getLineNr() + ")";
        return e instanceof UnexpectedEndOfInputException
                ? InputException.damaged(where, "not valid JSON: it ends in the middle" + line, e)
                : InputException.damaged(where, "not valid JSON" + line + ": " + e.getOriginalMessage(), e);
    }

    private static byte[] readBounded(Path file) {
        InputException.require(!Files.isDirectory(file), file + ":", "a file", "a folder");
        try {
            long size = Files.size(file);
            InputException.require(
                    size <= MAX_BYTES, file.toString(), "the file", "at most " + MAX_BYTES + " bytes long", size);
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new InputException(file + ": no such file", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    public static void write(Path file, JsonNode json) throws IOException {
        AtomicFiles.writeString(file, json.toPrettyString() + "\n");
    }
}
