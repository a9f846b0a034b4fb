package dev.saiki.text.files;

import java.util.Locale;
import tools.jackson.databind.JsonNode;

/// The name of a JSON value's type, for messages.
public final class JsonKind {

    private JsonKind() {}

    /// Returns the name of a value's type.
    ///
    /// @param node a value, or a missing node
    /// @return a name such as "string" or "nothing"
    public static String of(JsonNode node) {
        return node.isMissingNode() ? "nothing" : node.getNodeType().name().toLowerCase(Locale.ROOT);
    }
}
