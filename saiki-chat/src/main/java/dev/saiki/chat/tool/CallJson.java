package dev.saiki.chat.tool;

import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A reader of the JSON in calls that models and clients write; it limits nesting and the length of numbers, and
/// refuses duplicate keys.
public final class CallJson {

    private static final int DEEPEST = 32;
    private static final int LONGEST_NUMBER = 64;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .maxNumberLength(LONGEST_NUMBER)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .build();

    private CallJson() {}

    /// Reads a document.
    ///
    /// @param text the text, expected to be JSON
    /// @return the root; empty if the text is malformed or exceeds the limits
    public static Optional<JsonNode> read(String text) {
        try {
            return Optional.of(MAPPER.readTree(text)).filter(node -> !node.isMissingNode());
        } catch (JacksonException malformed) {
            return Optional.empty();
        }
    }

    /// Finds the value of a field, as the original characters of a document.
    ///
    /// @param document an object that was parsed successfully before
    /// @param field the name of a field whose value is an object or an array
    /// @return the value's characters
    public static String written(String document, String field) {
        try (JsonParser parser = MAPPER.createParser(document)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                boolean found = field.equals(parser.currentName());
                parser.nextToken();
                int from = (int) parser.currentTokenLocation().getCharOffset();
                parser.skipChildren();
                if (found) {
                    return document.substring(
                            from, (int) parser.currentLocation().getCharOffset());
                }
            }
        }
        throw new IllegalArgumentException("no field " + field);
    }
}
