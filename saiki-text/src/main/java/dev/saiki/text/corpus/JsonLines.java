package dev.saiki.text.corpus;

import dev.saiki.io.InputException;
import dev.saiki.text.files.JsonKind;
import dev.saiki.text.files.TextInput;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/// The lines of a JSON Lines file, each an object; empty lines are skipped.
final class JsonLines implements AutoCloseable {

    /// The maximum number of bytes in a line.
    static final int MAX_LINE = 1 << 28;

    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(MAX_LINE)
                            .build())
                    .build())
            .build();

    private final String name;
    private final InputStream input;
    private final StrictUtf8Decoder decoder;
    private byte[] buffer = new byte[1 << 16];
    private int start;
    private int end;
    private long startOffset;
    private long lineNumber;
    private boolean ended;

    /// Wraps an open file, which this reader closes.
    ///
    /// @param name the name of the file in messages
    /// @param input the decompressed bytes of the file
    JsonLines(String name, InputStream input) {
        this.name = name;
        this.input = input;
        decoder = new StrictUtf8Decoder(name);
    }

    /// One line.
    ///
    /// @param where the file and line number, for messages
    /// @param object the content of the line
    record Line(String where, JsonNode object) {}

    /// Reads the next line; returns null at the end.
    @Nullable
    Line next() {
        while (true) {
            int lineEnd = findLineEnd();
            if (lineEnd < 0) {
                return null;
            }
            lineNumber++;
            String line = decoder.decode(buffer, start, lineEnd, startOffset);
            int after = Math.min(end, lineEnd + 1);
            startOffset += after - start;
            start = after;
            if (lineNumber == 1 && line.startsWith("\uFEFF")) {
                line = line.substring(1);
            }
            if (!line.isBlank()) {
                return parsed(line);
            }
        }
    }

    private Line parsed(String line) {
        String where = name + ":" + lineNumber;
        JsonNode record;
        try {
            record = MAPPER.readTree(line);
        } catch (JacksonException e) {
            throw new InputException(where + ": not valid JSON: " + e.getOriginalMessage(), e);
        }
        InputException.require(record.isObject(), where, "each line", "a JSON object", JsonKind.of(record));
        return new Line(where, record);
    }

    /// Finds the end of the line at `start`, reading more as needed; -1 if there are no more lines.
    private int findLineEnd() {
        int scanned = start;
        while (true) {
            for (int i = scanned; i < end; i++) {
                if (buffer[i] == '\n') {
                    return i;
                }
            }
            if (ended) {
                return start < end ? end : -1;
            }
            int pending = end - start;
            readMore();
            scanned = start + pending;
        }
    }

    private void readMore() {
        System.arraycopy(buffer, start, buffer, 0, end - start);
        end -= start;
        start = 0;
        if (end == buffer.length) {
            if (end >= MAX_LINE) {
                throw InputException.of(
                        name + ":" + (lineNumber + 1), "a line", "at most " + MAX_LINE + " bytes long", "more");
            }
            buffer = Arrays.copyOf(buffer, buffer.length * 2);
        }
        try {
            int count = input.read(buffer, end, buffer.length - end);
            ended = count < 0;
            end += Math.max(0, count);
        } catch (IOException e) {
            throw TextInput.unreadable(name, e);
        }
    }

    @Override
    public void close() {
        TextInput.close(input, name);
    }
}
