package dev.saiki.cli.terminal;

import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The JSON that commands write: documents are indented, and each object of JSON Lines is on one line.
public final class JsonOutput {

    private JsonOutput() {}

    /// An empty object, which keeps its keys in insertion order.
    public static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /// An object on one line.
    public static String line(ObjectNode object) {
        return object.toString();
    }

    /// An object over many lines.
    public static String document(ObjectNode object) {
        return object.toPrettyString();
    }
}
