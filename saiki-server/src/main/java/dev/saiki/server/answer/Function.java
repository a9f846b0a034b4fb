package dev.saiki.server.answer;

import dev.saiki.engine.constraint.JsonForm;
import dev.saiki.server.http.ApiException;
import dev.saiki.server.http.Json;
import dev.saiki.server.http.RequestBody;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Something that a client can do for the model.
///
/// @param name of letters, digits, `_` and `-`
/// @param description for the model; may be empty
/// @param parameters JSON Schema of its arguments
/// @param strict whether all of the schema binds them; else what of it can be followed
public record Function(String name, String description, JsonNode parameters, boolean strict) {

    private static final int MOST = 128;

    /// What a schema has that says nothing of its parameters.
    private static final Set<String> HEAD = Set.of("$schema", "title", "description", "type", "properties", "required");

    /// Reads the functions of a request.
    ///
    /// @param body with a field `tools`
    /// @param form of the protocol
    public static List<Function> readAll(RequestBody body, ToolForm form) {
        List<Function> functions = body.items("tools", MOST).stream()
                .map(tool -> read(RequestBody.of(tool, "tools"), form))
                .toList();
        if (functions.stream().map(Function::name).distinct().count() < functions.size()) {
            throw ApiException.invalid("tools must have different names", "tools");
        }
        return functions;
    }

    private static Function read(RequestBody tool, ToolForm form) {
        String type = tool.text("type").orElse(form.impliedType());
        if (!type.equals(form.type())) {
            throw ApiException.unsupported(
                    "tools must be of type " + form.type() + ", got " + RequestBody.shortened(type), "tools");
        }
        RequestBody function = form.place().isEmpty() ? tool : tool.object(form.place());
        String name = function.text("name").orElse("");
        if (!name.matches("[a-zA-Z0-9_-]{1,64}")) {
            throw ApiException.invalid(
                    "tools must have names of 1 to 64 letters, digits, _ and -, got " + RequestBody.shortened(name),
                    "tools");
        }
        JsonNode parameters = function.value(form.schema())
                .filter(schema -> !saysNothing(schema))
                .orElseGet(Function::nothing);
        return new Function(name, function.text("description").orElse(""), parameters, function.flag("strict", false));
    }

    /// What binds the arguments.
    JsonForm form() {
        return new JsonForm(parameters, strict);
    }

    /// Whether a schema is no more than the head of one.
    private static boolean saysNothing(JsonNode schema) {
        return schema.isObject()
                && HEAD.containsAll(schema.propertyNames())
                && schema.path("type").stringValue("object").equals("object")
                && schema.path("properties").isEmpty()
                && schema.path("required").isEmpty();
    }

    /// A function of whose parameters nothing is said takes none, though JSON Schema would let it take any.
    private static JsonNode nothing() {
        ObjectNode schema = Json.object().put("type", "object");
        schema.putObject("properties");
        return schema.put("additionalProperties", false);
    }

    /// As chat templates and the plain format show it to the model: OpenAI's form.
    public ObjectNode toJson() {
        ObjectNode tool = Json.object().put("type", "function");
        ObjectNode function = tool.putObject("function");
        function.put("name", name);
        function.put("description", description);
        function.set("parameters", parameters);
        return tool;
    }
}
