package dev.saiki.server.api;

import dev.saiki.engine.constraint.TextConstraint;
import dev.saiki.io.InputException;
import dev.saiki.server.wire.ApiException;
import dev.saiki.server.wire.RequestBody;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// A call of one of several functions, which an answer must be: its name, a space, and its arguments.
///
/// The answer is bound to that form, and the arguments to the function's schema, so that even a model that
/// never saw a function calls one. Whether to call at all is not left to the model: that takes one that was
/// trained to decide it, and a base model would not. So `auto`, OpenAI's default, is refused and not guessed
/// at.
///
/// @param functions those that may be called, at least one
record FunctionCall(List<Function> functions) {

    private static final String TOOL_CHOICE = "tool_choice";

    FunctionCall {
        functions = List.copyOf(functions);
    }

    /// Reads whether a function is to be called.
    ///
    /// @param body with a field `tool_choice`
    /// @param functions those of the request
    /// @param nested whether a function's name stands in a field `function`, as in chat completions
    /// @return the call, unless the answer is to be a text
    static Optional<FunctionCall> read(RequestBody body, List<Function> functions, boolean nested) {
        Optional<JsonNode> choice = body.value(TOOL_CHOICE);
        if (functions.isEmpty()) {
            if (choice.filter(node -> !node.isString() || node.stringValue().equals("required"))
                    .isPresent()) {
                throw ApiException.invalid("tool_choice must be none where there are no tools", TOOL_CHOICE);
            }
            return Optional.empty();
        }
        if (choice.isPresent() && choice.get().isObject()) {
            return Optional.of(named(body.object(TOOL_CHOICE), functions, nested));
        }
        String way = body.text(TOOL_CHOICE).orElse("auto");
        return switch (way) {
            case "none" -> Optional.empty();
            case "required" -> Optional.of(new FunctionCall(functions));
            case "auto" ->
                throw ApiException.unsupported(
                        "tool_choice must be none, required, or name a function: this server does not leave it to the"
                                + " model whether one is called (auto)",
                        TOOL_CHOICE);
            default ->
                throw ApiException.invalid(
                        "tool_choice must be none, required, or name a function, got " + RequestBody.shortened(way),
                        TOOL_CHOICE);
        };
    }

    private static FunctionCall named(RequestBody choice, List<Function> functions, boolean nested) {
        String type = choice.text("type").orElse("");
        if (!type.equals("function")) {
            throw ApiException.unsupported(
                    "tool_choice must be of type function, got " + RequestBody.shortened(type), TOOL_CHOICE);
        }
        String name = (nested ? choice.object("function") : choice).text("name").orElse("");
        return functions.stream()
                .filter(function -> function.name().equals(name))
                .findFirst()
                .map(function -> new FunctionCall(List.of(function)))
                .orElseThrow(() -> ApiException.invalid(
                        "tool_choice must name one of the tools, got " + RequestBody.shortened(name), TOOL_CHOICE));
    }

    /// The form that binds the answer. Of a single function the name is known, and only the arguments are
    /// written.
    TextConstraint form() {
        try {
            if (functions.size() == 1) {
                return TextConstraint.jsonSchema(functions.getFirst().parameters());
            }
            Map<String, JsonNode> labelled = functions.stream()
                    .collect(Collectors.toMap(
                            function -> function.name() + " ",
                            Function::parameters,
                            (first, _) -> first,
                            LinkedHashMap::new));
            return TextConstraint.labelledJson(labelled);
        } catch (InputException mistake) {
            throw ApiException.invalid("tools: " + mistake.getMessage(), "tools");
        }
    }

    /// Tells apart the name and the arguments of a call that is being written.
    Parts parts() {
        return new Parts(functions.size() == 1 ? functions.getFirst().name() : "");
    }

    /// A call, as far as it is written.
    static final class Parts {

        private final StringBuilder begun = new StringBuilder();
        private String name;
        private boolean announced;

        private Parts(String name) {
            this.name = name;
        }

        /// Which function is called; empty until it is known.
        String name() {
            return name;
        }

        /// Whether the client has been told the name.
        boolean isAnnounced() {
            return announced;
        }

        void announce() {
            announced = true;
        }

        /// Takes what was written next.
        ///
        /// @return what of it belongs to the arguments
        String take(String text) {
            if (!name.isEmpty()) {
                return text;
            }
            begun.append(text);
            int end = begun.indexOf(" ");
            if (end < 0) {
                return "";
            }
            name = begun.substring(0, end);
            return begun.substring(end + 1);
        }
    }
}
