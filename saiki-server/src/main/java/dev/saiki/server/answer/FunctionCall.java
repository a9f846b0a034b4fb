package dev.saiki.server.answer;

import dev.saiki.server.http.ApiException;
import dev.saiki.server.http.RequestBody;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// A call of one of several functions, which an answer must or may be.
///
/// An answer that must be a call is bound to the form in which the model writes calls, and the arguments to
/// the function's schema, so that even a model that never saw a function calls one. It has one call,
/// whatever `parallel_tool_calls` allows. With `auto`, OpenAI's default, it is left to the model ({@link
/// CallForm}).
///
/// @param functions those that may be called, at least one
/// @param required whether one of them must be
/// @param parallel whether an answer may have several calls; further ones are left out else
public record FunctionCall(List<Function> functions, boolean required, boolean parallel) {

    private static final String TOOL_CHOICE = "tool_choice";

    public FunctionCall {
        functions = List.copyOf(functions);
    }

    /// Reads whether a function is to be called.
    ///
    /// @param body with a field `tool_choice`
    /// @param functions those of the request
    /// @param form of the protocol
    /// @return the call, unless the answer must be a text
    public static Optional<FunctionCall> read(RequestBody body, List<Function> functions, ToolForm form) {
        Optional<JsonNode> choice = body.value(TOOL_CHOICE);
        boolean parallel = body.flag("parallel_tool_calls", true);
        if (functions.isEmpty()) {
            if (choice.filter(node -> !node.isString() || node.stringValue().equals("required"))
                    .isPresent()) {
                throw ApiException.invalid("tool_choice must be none where there are no tools", TOOL_CHOICE);
            }
            return Optional.empty();
        }
        if (choice.isPresent() && choice.get().isObject()) {
            RequestBody chosen = body.object(TOOL_CHOICE);
            return form == ToolForm.MESSAGES
                    ? ofMessages(chosen, functions)
                    : Optional.of(named(chosen, functions, form));
        }
        return chosen(body.text(TOOL_CHOICE).orElse("auto"), functions, parallel);
    }

    /// Messages say `any` where others say `required`, and always in an object.
    private static Optional<FunctionCall> ofMessages(RequestBody choice, List<Function> functions) {
        String type = choice.text("type").orElse("");
        boolean parallel = !choice.flag("disable_parallel_tool_use", false);
        return switch (type) {
            case "tool" -> Optional.of(ofName(choice.text("name").orElse(""), functions));
            case "any" -> chosen("required", functions, parallel);
            default -> chosen(type, functions, parallel);
        };
    }

    private static Optional<FunctionCall> chosen(String way, List<Function> functions, boolean parallel) {
        return switch (way) {
            case "none" -> Optional.empty();
            case "required" -> Optional.of(new FunctionCall(functions, true, parallel));
            case "auto" -> Optional.of(new FunctionCall(functions, false, parallel));
            default ->
                throw ApiException.invalid(
                        "tool_choice must be none, auto, required, or name a function, got "
                                + RequestBody.shortened(way),
                        TOOL_CHOICE);
        };
    }

    private static FunctionCall named(RequestBody choice, List<Function> functions, ToolForm form) {
        String type = choice.text("type").orElse("");
        if (!type.equals(form.type())) {
            throw ApiException.unsupported(
                    "tool_choice must be of type function, got " + RequestBody.shortened(type), TOOL_CHOICE);
        }
        RequestBody named = form.place().isEmpty() ? choice : choice.object(form.place());
        return ofName(named.text("name").orElse(""), functions);
    }

    private static FunctionCall ofName(String name, List<Function> functions) {
        return functions.stream()
                .filter(function -> function.name().equals(name))
                .findFirst()
                .map(function -> new FunctionCall(List.of(function), true, false))
                .orElseThrow(() -> ApiException.invalid(
                        "tool_choice must name one of the tools, got " + RequestBody.shortened(name), TOOL_CHOICE));
    }

    /// Whether the name of the function is known before the answer begins.
    public boolean isNamed() {
        return required && functions.size() == 1;
    }

    /// Whether all that a function's schema says must bind its arguments.
    boolean isStrict() {
        return functions.stream().anyMatch(Function::strict);
    }

    /// Whether there is a function of a name.
    boolean knows(String name) {
        return functions.stream().anyMatch(function -> function.name().equals(name));
    }
}
