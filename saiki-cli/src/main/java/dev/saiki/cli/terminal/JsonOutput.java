package dev.saiki.cli.terminal;

import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The JSON that commands write: documents are indented, and each object of JSON Lines is on one line.
public final class JsonOutput {

    private static final JsonMapper COMPACT = JsonMapper.builder().build();

    private static final JsonMapper INDENTED =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private JsonOutput() {}

    /// An empty object, which keeps its keys in insertion order.
    public static ObjectNode object() {
        return COMPACT.createObjectNode();
    }

    /// An object on one line.
    public static String line(ObjectNode object) {
        return COMPACT.writeValueAsString(object);
    }

    /// An object over many lines.
    public static String document(ObjectNode object) {
        return INDENTED.writeValueAsString(object);
    }
}
