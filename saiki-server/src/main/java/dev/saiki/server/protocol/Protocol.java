package dev.saiki.server.protocol;

import dev.saiki.chat.tool.Tool;
import dev.saiki.chat.tool.ToolChoice;
import dev.saiki.http.ApiException;
import dev.saiki.http.Json;
import dev.saiki.http.RequestBody;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A conversation protocol, which determines how requests name tools and the choice among them.
public enum Protocol {
    /// OpenAI's chat completions: a function is an object inside its tool.
    CHAT("function", "function", "parameters"),
    /// OpenAI's responses: the fields of a function are fields of its tool.
    RESPONSES("function", "", "parameters"),
    /// Anthropic's messages: the fields of a function are fields of its tool, whose type may be omitted.
    MESSAGES("custom", "", "input_schema");

    private static final int MAX_TOOLS = 128;
    /// Fields of Anthropic's tools that direct the API and are not meant for the model.
    private static final Set<String> DIRECTIVES =
            Set.of("cache_control", "defer_loading", "allowed_callers", "eager_input_streaming");

    private static final String TOOLS = "tools";
    private static final String TOOL_CHOICE = "tool_choice";
    private static final String TYPE = "type";
    private static final String STRICT = "strict";
    private static final String DESCRIPTION = "description";

    private final String type;
    private final String place;
    private final String schema;

    Protocol(String type, String place, String schema) {
        this.type = type;
        this.place = place;
        this.schema = schema;
    }

    /// Reads the tools that an answer may or must call.
    ///
    /// @param body the request body, with the fields `tools` and `tool_choice`
    /// @return the tools and the choice among them; empty if the answer must be text
    public Optional<ToolChoice> tools(RequestBody body) {
        List<Tool> tools = body.items(TOOLS, MAX_TOOLS).stream()
                .map(tool -> tool(RequestBody.of(tool, TOOLS)))
                .toList();
        Optional<JsonNode> choice = body.value(TOOL_CHOICE);
        boolean parallel = body.flag("parallel_tool_calls", true);
        if (tools.isEmpty()) {
            if (choice.filter(node -> !node.isString() || node.stringValue().equals("required"))
                    .isPresent()) {
                throw ApiException.invalid("tool_choice must be none or auto without tools", TOOL_CHOICE);
            }
            return Optional.empty();
        }
        // Refuses two tools of the same name, even if only one of the two is chosen below.
        ToolChoice _ = new ToolChoice(tools, false, parallel);
        if (choice.isPresent() && choice.get().isObject()) {
            RequestBody chosen = body.object(TOOL_CHOICE);
            return this == MESSAGES ? ofMessages(chosen, tools) : Optional.of(named(chosen, tools));
        }
        return chosen(body.text(TOOL_CHOICE).orElse("auto"), tools, parallel);
    }

    private Tool tool(RequestBody tool) {
        String given = tool.text(TYPE).orElse(this == MESSAGES ? type : "");
        if (!given.equals(type)) {
            throw ApiException.unsupported(
                    "tools must be of type " + type + ", got " + RequestBody.shortened(given), TOOLS);
        }
        RequestBody function = place.isEmpty() ? tool : tool.object(place);
        // Refuses values of the wrong type; the values are not used here.
        Optional<String> _ = function.text("name");
        Optional<String> _ = function.text(DESCRIPTION);
        boolean _ = function.flag(STRICT, false);
        return new Tool(definition(function));
    }

    /// The function with the fields of OpenAI's chat, in their original order, without directives to the API.
    private ObjectNode definition(RequestBody function) {
        ObjectNode definition = Json.object();
        for (String name : function.names()) {
            boolean isProtocols = name.equals(TYPE) && place.isEmpty();
            if (!isProtocols && !(this == MESSAGES && DIRECTIVES.contains(name))) {
                function.value(name)
                        .ifPresent(value -> definition.set(name.equals(schema) ? "parameters" : name, value));
            }
        }
        return definition;
    }

    /// Reads the choice of a messages request, which is always an object, and has `any` instead of `required`.
    private static Optional<ToolChoice> ofMessages(RequestBody choice, List<Tool> tools) {
        String way = choice.text(TYPE).orElse("");
        boolean parallel = !choice.flag("disable_parallel_tool_use", false);
        return switch (way) {
            case "tool" -> Optional.of(ofName(choice.text("name").orElse(""), tools));
            case "any" -> chosen("required", tools, parallel);
            default -> chosen(way, tools, parallel);
        };
    }

    private static Optional<ToolChoice> chosen(String way, List<Tool> tools, boolean parallel) {
        return switch (way) {
            case "none" -> Optional.empty();
            case "required" -> Optional.of(new ToolChoice(tools, true, parallel));
            case "auto" -> Optional.of(new ToolChoice(tools, false, parallel));
            default ->
                throw ApiException.invalid(
                        "tool_choice must be none, auto, required, or name a function, got "
                                + RequestBody.shortened(way),
                        TOOL_CHOICE);
        };
    }

    private ToolChoice named(RequestBody choice, List<Tool> tools) {
        String given = choice.text(TYPE).orElse("");
        if (!given.equals(type)) {
            throw ApiException.unsupported(
                    "tool_choice must be of type function, got " + RequestBody.shortened(given), TOOL_CHOICE);
        }
        RequestBody named = place.isEmpty() ? choice : choice.object(place);
        return ofName(named.text("name").orElse(""), tools);
    }

    private static ToolChoice ofName(String name, List<Tool> tools) {
        return tools.stream()
                .filter(tool -> tool.name().equals(name))
                .findFirst()
                .map(tool -> new ToolChoice(List.of(tool), true, false))
                .orElseThrow(() -> ApiException.invalid(
                        "tool_choice must name one of the tools, got " + RequestBody.shortened(name), TOOL_CHOICE));
    }
}
