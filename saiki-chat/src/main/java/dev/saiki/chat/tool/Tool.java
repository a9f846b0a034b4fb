package dev.saiki.chat.tool;

import dev.saiki.engine.constraint.JsonForm;
import dev.saiki.io.InputException;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A function that the model may ask the client to call.
///
/// @param definition `name` (1 to 64 letters, digits, `_` and `-`), optionally `description`, `parameters` (JSON
///     Schema of the arguments) and `strict`, and other fields; chat templates receive the definition unchanged
public record Tool(ObjectNode definition) {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String TYPE = "type";
    private static final String PROPERTIES = "properties";

    /// The keywords that a schema without parameters may have.
    private static final Set<String> HEAD = Set.of("$schema", "title", "description", TYPE, PROPERTIES, "required");

    /// Copies the mutable components.
    ///
    /// @throws InputException if the name is missing or malformed
    public Tool {
        definition = definition.deepCopy();
        String name = definition.path("name").stringValue("");
        if (!name.matches("[a-zA-Z0-9_-]{1,64}")) {
            throw new InputException("tools must have names of 1 to 64 letters, digits, _ and -, got " + name);
        }
    }

    /// Creates a tool.
    ///
    /// @param name 1 to 64 letters, digits, `_` and `-`
    /// @param description the description for the model; may be empty
    /// @param parameters JSON Schema of the arguments
    /// @return a tool; the schema is enforced on its arguments as far as possible
    /// @throws InputException if the name is malformed
    public static Tool of(String name, String description, JsonNode parameters) {
        ObjectNode definition = JSON.objectNode().put("name", name);
        if (!description.isEmpty()) {
            definition.put("description", description);
        }
        return new Tool(definition.set("parameters", parameters));
    }

    /// Returns the name.
    ///
    /// @return the name by which the model calls it
    public String name() {
        return definition.path("name").stringValue("");
    }

    /// Returns the description.
    ///
    /// @return the description for the model; may be empty
    public String description() {
        return definition.path("description").stringValue("");
    }

    /// Tells whether the whole schema must be enforced on the arguments, rather than only as much of it as
    /// possible.
    ///
    /// @return whether the client set `strict`
    public boolean strict() {
        return definition.path("strict").booleanValue(false);
    }

    /// Returns the schema of the arguments. A schema without parameters is interpreted as one that allows no
    /// arguments, although JSON Schema would allow any arguments.
    ///
    /// @return JSON Schema
    public JsonNode parameters() {
        JsonNode schema = definition.path("parameters");
        boolean isEmpty = (schema.isObject() || schema.isNull() || schema.isMissingNode())
                && HEAD.containsAll(schema.propertyNames())
                && schema.path(TYPE).stringValue("object").equals("object")
                && schema.path(PROPERTIES).isEmpty()
                && schema.path("required").isEmpty();
        if (!isEmpty) {
            return schema;
        }
        ObjectNode none = JSON.objectNode().put(TYPE, "object");
        none.putObject(PROPERTIES);
        return none.put("additionalProperties", false);
    }

    /// Returns the form required of the arguments.
    ///
    /// @return the schema, and whether all of the schema must be enforced
    public JsonForm form() {
        return new JsonForm(parameters(), strict());
    }

    /// Returns the tool in the form passed to chat templates.
    ///
    /// @return OpenAI's form
    public ObjectNode toJson() {
        return JSON.objectNode().put(TYPE, "function").set("function", definition);
    }
}
