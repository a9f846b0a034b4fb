package dev.saiki.rollout.pair;

import dev.saiki.http.Json;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// The form of answer that a request asks for: whether it is a stream, which may have to end with usage, the functions
/// that may be called, with the schemas of their arguments, and whether a text must be JSON.
///
/// @param stream whether the answer must be a stream; empty if nothing is known of it
/// @param usage whether a stream must report usage
/// @param mustCall whether the answer must be a call
/// @param functions the schema of the arguments, as JSON, by the function's name; empty if nothing is known of them
/// @param text the schema of the text, as JSON; empty if any text will do
public record RequestedForm(
        Optional<Boolean> stream,
        boolean usage,
        boolean mustCall,
        Optional<Map<String, String>> functions,
        Optional<String> text) {

    /// A request of which nothing is known.
    public static final RequestedForm ANY =
            new RequestedForm(Optional.empty(), false, false, Optional.empty(), Optional.empty());

    private static final String NAME = "name";
    private static final String PARAMETERS = "parameters";
    private static final String TYPE = "type";
    private static final String SCHEMA = "schema";
    private static final String ANYTHING = "{}";

    /// Copies the functions.
    public RequestedForm {
        functions = functions.map(Map::copyOf);
    }

    /// Reads the form from a request.
    ///
    /// @param fields the fields of the request's body
    /// @return the form
    public static RequestedForm of(JsonNode fields) {
        Map<String, String> functions = new LinkedHashMap<>();
        for (JsonNode tool : fields.path("tools")) {
            JsonNode function = tool.path("function").isObject() ? tool.path("function") : tool;
            if (function.path(NAME).isString()) {
                functions.put(function.path(NAME).stringValue(), schema(function.path(PARAMETERS)));
            }
        }
        JsonNode choice = fields.path("tool_choice");
        return new RequestedForm(
                Optional.of(fields.path("stream").asBoolean(false)),
                fields.path("stream_options").path("include_usage").asBoolean(false),
                choice.path(TYPE).asString(choice.asString("")).equals("function") || isRequired(choice),
                Optional.of(functions),
                text(fields.path("response_format"), fields.path("text").path("format")));
    }

    private static boolean isRequired(JsonNode choice) {
        return choice.path("mode").asString(choice.asString("")).equals("required");
    }

    /// The schema in the format of a chat or of a response.
    private static Optional<String> text(JsonNode ofChat, JsonNode ofResponse) {
        JsonNode format = ofChat.isObject() ? ofChat : ofResponse;
        return switch (format.path(TYPE).asString("")) {
            case "json_object" -> Optional.of(ANYTHING);
            case "json_schema" ->
                Optional.of(
                        schema(ofChat.isObject() ? format.path("json_schema").path(SCHEMA) : format.path(SCHEMA)));
            default -> Optional.empty();
        };
    }

    private static String schema(JsonNode json) {
        return json.isObject() ? new String(Json.bytes(json), StandardCharsets.UTF_8) : ANYTHING;
    }

    /// Finds what is wrong with a text.
    ///
    /// @param answer the whole text
    /// @return the mistake in words; empty if the text fits
    Optional<String> mistake(String answer) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (!isJson(answer)) {
            return Optional.of("the answer is not the requested JSON");
        }
        return fits(text.get(), answer)
                ? Optional.empty()
                : Optional.of("the answer does not fit the requested schema");
    }

    private static boolean isJson(String text) {
        try {
            return Json.read(text.getBytes(StandardCharsets.UTF_8)).isContainer();
        } catch (JacksonException e) {
            return false;
        }
    }

    /// Finds what is wrong with a call.
    ///
    /// @param name the function's name
    /// @param arguments the arguments as the answer has them
    /// @return the mistake in words; empty if the call fits
    Optional<String> mistake(String name, String arguments) {
        if (functions.isPresent() && !functions.get().containsKey(name)) {
            return Optional.of("a call of a function that the request does not have");
        }
        if (!isJson(arguments)) {
            return Optional.of("the arguments of a call are not JSON");
        }
        String schema =
                functions.map(known -> known.getOrDefault(name, ANYTHING)).orElse(ANYTHING);
        return fits(schema, arguments)
                ? Optional.empty()
                : Optional.of("the arguments of a call do not fit the function's schema");
    }

    /// Whether JSON fits a schema. A schema that cannot be read, or recurses too deep, allows everything, since no side
    /// can be blamed; so does a pattern whose search takes too long.
    private static boolean fits(String schema, String json) {
        try {
            return new BoundedSchema(schema).fits(json);
        } catch (RuntimeException | StackOverflowError unreadable) {
            return true;
        }
    }
}
