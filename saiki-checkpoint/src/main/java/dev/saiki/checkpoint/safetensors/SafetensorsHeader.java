package dev.saiki.checkpoint.safetensors;

import dev.saiki.checkpoint.json.JsonFiles;
import dev.saiki.io.InputException;
import dev.saiki.io.JsonTrees;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
import tools.jackson.core.json.JsonFactory;

/// The header of a safetensors file, which lists its tensors.
///
/// The header is parsed as a stream of tokens, not into a tree, so that a hostile header takes no more memory than
/// the list of its tensors.
///
/// @param entries the location of every tensor, in the order of the data
/// @param metadata free text by key
record SafetensorsHeader(List<Entry> entries, Map<String, String> metadata) {

    /// The maximum length of the header, as in the reference implementation.
    static final int MAX_BYTES = 100_000_000;

    static final int MAX_NAME_LENGTH = 1024;

    private static final int MAX_TENSORS = 1 << 18;
    private static final int MAX_RANK = 64;
    private static final int MAX_DEPTH = 4;
    private static final String METADATA = "__metadata__";

    private static final JsonFactory FACTORY = JsonFiles.factory(MAX_DEPTH, MAX_NAME_LENGTH);

    /// One tensor.
    ///
    /// @param name the tensor's name
    /// @param type the number format
    /// @param shape sizes, outermost first
    /// @param begin the tensor's first byte, counted from the end of the header
    /// @param end the byte after the tensor's last byte
    record Entry(String name, StoredType type, List<Long> shape, long begin, long end) {}

    /// Parses and checks a header.
    ///
    /// @param bytes the header, padding included
    /// @param bodySize number of bytes after the header, which the tensors must cover completely
    /// @param where the file, for error messages
    /// @throws InputException if the header violates the format
    static SafetensorsHeader parse(byte[] bytes, long bodySize, String where) {
        InputException.require(
                bytes.length != 0 && bytes[0] == '{', where + ": not a safetensors file: the header must start with {");
        // Decodes strictly, because the parser itself would guess the encoding.
        Reader reader = new InputStreamReader(
                new ByteArrayInputStream(bytes),
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT));
        try (JsonParser parser = JsonTrees.parser(FACTORY, reader)) {
            SafetensorsHeader header = new Reading(parser, where).header();
            header.requireContiguous(bodySize, where);
            return header;
        } catch (JacksonException e) {
            String how = e instanceof UnexpectedEndOfInputException ? "it ends in the middle" : e.getOriginalMessage();
            throw InputException.damaged(where, "the safetensors header is not valid: " + how, e);
        }
    }

    private void requireContiguous(long bodySize, String where) {
        long position = 0;
        for (Entry entry : entries) {
            if (entry.begin() != position) {
                throw new InputException(where + ": " + entry.name() + " must start at byte " + position
                        + " of the data, directly after the previous tensor, got " + entry.begin());
            }
            position = entry.end();
        }
        if (position != bodySize) {
            throw new InputException(where + ": " + bodySize + " bytes of data, but the header describes " + position
                    + (bodySize < position
                            ? "; the file is truncated: copy it again or recreate it"
                            : "; there is data after the last tensor"));
        }
    }

    /// One pass over the tokens of a header.
    private record Reading(JsonParser parser, String where) {

        private SafetensorsHeader header() {
            require(parser.nextToken() == JsonToken.START_OBJECT, "the header must be a JSON object");
            List<Entry> entries = new ArrayList<>();
            Map<String, String> metadata = Map.of();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                if (name.equals(METADATA)) {
                    metadata = metadata();
                } else {
                    entries.add(entry(name));
                    require(entries.size() <= MAX_TENSORS, "more than " + MAX_TENSORS + " tensors");
                }
            }
            require(parser.nextToken() == null, "there is text after the header's JSON object");
            entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
            return new SafetensorsHeader(List.copyOf(entries), metadata);
        }

        private Map<String, String> metadata() {
            require(parser.nextToken() == JsonToken.START_OBJECT, METADATA + " must be an object of strings");
            Map<String, String> metadata = new LinkedHashMap<>();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String key = parser.currentName();
                require(
                        parser.nextToken() == JsonToken.VALUE_STRING,
                        METADATA + "." + key + " must be a string, got " + parser.currentToken());
                metadata.put(key, parser.getString());
            }
            return Map.copyOf(metadata);
        }

        private Entry entry(String name) {
            require(parser.nextToken() == JsonToken.START_OBJECT, name + " must be an object");
            @Nullable StoredType type = null;
            @Nullable List<Long> shape = null;
            @Nullable List<Long> offsets = null;
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String key = parser.currentName();
                switch (key) {
                    case "dtype" -> type = type(name);
                    case "shape" -> shape = wholeNumbers(name + ".shape");
                    case "data_offsets" -> offsets = wholeNumbers(name + ".data_offsets");
                    default ->
                        throw wrong(name + "." + key + " is not a known key; known are dtype, shape, data_offsets");
                }
            }
            if (type == null || shape == null || offsets == null) {
                throw wrong(name + " must have dtype, shape and data_offsets");
            }
            require(offsets.size() == 2, name + ".data_offsets must have two entries, got " + offsets);
            return checked(name, type, shape, offsets.getFirst(), offsets.getLast());
        }

        private Entry checked(String name, StoredType type, List<Long> shape, long begin, long end) {
            long bytes;
            try {
                bytes = StoredTensor.byteCount(type, shape);
            } catch (ArithmeticException e) {
                throw new InputException(where + ": " + name + ".shape " + shape + " is larger than any memory", e);
            } catch (IllegalArgumentException e) {
                throw new InputException(where + ": " + name + ": " + e.getMessage(), e);
            }
            require(
                    begin <= end && end - begin == bytes,
                    name + ": " + type + " " + shape + " takes " + bytes + " bytes, but data_offsets are [" + begin
                            + ", " + end + "]");
            return new Entry(name, type, shape, begin, end);
        }

        private StoredType type(String name) {
            require(parser.nextToken() == JsonToken.VALUE_STRING, name + ".dtype must be a string");
            String spelling = parser.getString();
            return StoredType.find(spelling)
                    .orElseThrow(() -> wrong(name + ".dtype must be one of " + List.of(StoredType.values()) + ", got "
                            + shortened(spelling)));
        }

        private List<Long> wholeNumbers(String path) {
            require(parser.nextToken() == JsonToken.START_ARRAY, path + " must be a list of whole numbers");
            List<Long> numbers = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                require(
                        parser.currentToken() == JsonToken.VALUE_NUMBER_INT,
                        path + " must be a list of whole numbers, got " + parser.currentToken());
                long number = parser.getLongValue();
                require(number >= 0, path + " must not be negative, got " + number);
                numbers.add(number);
                require(numbers.size() <= MAX_RANK, path + " has more than " + MAX_RANK + " entries");
            }
            return List.copyOf(numbers);
        }

        private void require(boolean condition, String message) {
            if (!condition) {
                throw wrong(message);
            }
        }

        private InputException wrong(String message) {
            return new InputException(where + ": " + message);
        }

        private static String shortened(String text) {
            return text.length() <= 40 ? text : text.substring(0, 37) + "...";
        }
    }
}
