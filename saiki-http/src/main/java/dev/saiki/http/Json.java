package dev.saiki.http;

import java.io.Serial;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.SerializableString;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.io.SerializedString;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/// JSON, read strictly and with limits, and written on a single line.
public final class Json {

    /// The media type of JSON.
    public static final String CONTENT_TYPE = "application/json";

    /// The maximum depth of nested arrays and objects.
    static final int DEEPEST = 32;

    /// The maximum length of a number in characters.
    static final int MAX_NUMBER_LENGTH = 64;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .maxNumberLength(MAX_NUMBER_LENGTH)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .characterEscapes(new LineBreaks())
                    .build())
            .build();

    private Json() {}

    /// The escapes for characters that JSON allows literally, but Unicode counts as line ends: clients that split
    /// a stream at Unicode's line ends would cut an event in two.
    private static final class LineBreaks extends CharacterEscapes {

        @Serial
        private static final long serialVersionUID = 1L;

        @Override
        public int[] getEscapeCodesForAscii() {
            return standardAsciiEscapesForJSON();
        }

        @Override
        public @Nullable SerializableString getEscapeSequence(int character) {
            return switch (character) {
                case 0x85, 0x2028, 0x2029 -> new SerializedString(String.format(Locale.ROOT, "\\u%04X", character));
                default -> null;
            };
        }
    }

    /// Reads a document.
    ///
    /// @param bytes UTF-8
    /// @return the document's root
    /// @throws tools.jackson.core.JacksonException if the document is not valid JSON, or too deeply nested
    public static JsonNode read(byte[] bytes) {
        return MAPPER.readTree(bytes);
    }

    /// Creates an object whose keys keep their insertion order.
    ///
    /// @return an empty object
    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /// Makes an array.
    ///
    /// @return an empty array
    public static ArrayNode array() {
        return MAPPER.createArrayNode();
    }

    /// Writes a document.
    ///
    /// @param node the document's root
    /// @return UTF-8, on one line
    public static byte[] bytes(JsonNode node) {
        return MAPPER.writeValueAsBytes(node);
    }

    /// Adds a document to a list in the form of serialized text, which takes a fraction of the memory of the
    /// document's nodes. Used for lists whose length the client determines.
    ///
    /// @param list the list to which the document is added
    /// @param node the document's root
    public static void addWritten(ArrayNode list, JsonNode node) {
        list.addRawValue(new RawValue(MAPPER.writeValueAsString(node)));
    }

    /// Converts a number to a value that JSON can represent.
    ///
    /// @param value any number
    /// @return the number; null if it is infinite or undefined
    public static @Nullable Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
