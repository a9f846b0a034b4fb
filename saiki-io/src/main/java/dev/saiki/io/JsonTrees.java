package dev.saiki.io;

import java.io.Reader;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TreeNode;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A reader of JSON as trees, for files that are read whenever a process starts.
///
/// Jackson's `ObjectMapper` reads the same trees, but making the first one takes 0.15 s in a JVM that has just
/// started, because it prepares to map every type of the Java library.
public final class JsonTrees extends ObjectReadContext.Base {

    private static final JsonTrees CONTEXT = new JsonTrees();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private JsonTrees() {}

    /// Reads a whole document.
    ///
    /// @param factory the limits and features of the parser
    /// @param json the document
    /// @return its value; a missing node if the document is empty
    /// @throws JacksonException if the document is not valid JSON, or continues after its value
    public static JsonNode read(JsonFactory factory, byte[] json) {
        try (JsonParser parser = parser(factory, json)) {
            JsonNode value = parser.nextToken() == null ? NODES.missingNode() : node(parser);
            if (parser.nextToken() != null) {
                throw new StreamReadException(parser, "there is more after the value");
            }
            return value;
        }
    }

    /// Makes a parser whose `readValueAsTree` works.
    ///
    /// @param factory the limits and features of the parser
    /// @param json the document
    /// @return the parser, before the first token
    public static JsonParser parser(JsonFactory factory, byte[] json) {
        return factory.createParser(CONTEXT, json);
    }

    /// Makes a parser whose `readValueAsTree` works.
    ///
    /// @param factory the limits and features of the parser
    /// @param json the document
    /// @return the parser, before the first token
    public static JsonParser parser(JsonFactory factory, Reader json) {
        return factory.createParser(CONTEXT, json);
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // As in the interface.
    public <T extends TreeNode> T readTree(JsonParser parser) {
        return (T) node(parser);
    }

    /// Reads the value that starts at the current token.
    private static JsonNode node(JsonParser parser) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_STRING -> NODES.stringNode(parser.getString());
            case VALUE_NUMBER_INT -> integer(parser);
            case VALUE_NUMBER_FLOAT -> NODES.numberNode(parser.getDoubleValue());
            case VALUE_TRUE -> NODES.booleanNode(true);
            case VALUE_FALSE -> NODES.booleanNode(false);
            case VALUE_NULL -> NODES.nullNode();
            default -> throw new StreamReadException(parser, "no value starts at " + parser.currentToken());
        };
    }

    private static ObjectNode object(JsonParser parser) {
        ObjectNode object = NODES.objectNode();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            object.set(name, node(parser));
        }
        return object;
    }

    private static ArrayNode array(JsonParser parser) {
        ArrayNode array = NODES.arrayNode();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            array.add(node(parser));
        }
        return array;
    }

    private static JsonNode integer(JsonParser parser) {
        return switch (parser.getNumberType()) {
            case INT -> NODES.numberNode(parser.getIntValue());
            case LONG -> NODES.numberNode(parser.getLongValue());
            default -> NODES.numberNode(parser.getBigIntegerValue());
        };
    }
}
