package dev.saiki.server.prompt;

import dev.saiki.engine.FinishReason;
import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.constraint.JsonForm;
import dev.saiki.engine.constraint.TextConstraint;
import dev.saiki.io.InputException;
import dev.saiki.server.http.ApiException;
import dev.saiki.server.http.RequestBody;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// A call of one of several functions, which an answer must or may be: the function's name, a space, and its
/// arguments.
///
/// An answer that must be a call is bound to that form, and the arguments to the function's schema, so that even a
/// model that never saw a function calls one. With `auto`, OpenAI's default, it is left to the model: an answer is
/// any text, but one that begins with a function's name, a space and a brace (perhaps behind a space) is a call
/// from there on, and bound in the same way. A base model will rarely begin so; one that was shown calls in this
/// form will. A form of calls that is a chat template's own is not looked for: such an answer is text. An answer
/// has one call at most, whatever `parallel_tool_calls` allows.
///
/// @param functions those that may be called, at least one
/// @param required whether one of them must be
public record FunctionCall(List<Function> functions, boolean required) {

    private static final String TOOL_CHOICE = "tool_choice";
    private static final String TOOL_CALLS = "tool_calls";

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
        // Read, so that a value of the wrong kind is refused: one call is what either value allows.
        boolean _ = body.flag("parallel_tool_calls", true);
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
        return chosen(body.text(TOOL_CHOICE).orElse("auto"), functions);
    }

    /// Messages say `any` where others say `required`, and always in an object.
    private static Optional<FunctionCall> ofMessages(RequestBody choice, List<Function> functions) {
        String type = choice.text("type").orElse("");
        return switch (type) {
            case "tool" -> Optional.of(ofName(choice.text("name").orElse(""), functions));
            case "any" -> chosen("required", functions);
            default -> chosen(type, functions);
        };
    }

    private static Optional<FunctionCall> chosen(String way, List<Function> functions) {
        return switch (way) {
            case "none" -> Optional.empty();
            case "required" -> Optional.of(new FunctionCall(functions, true));
            case "auto" -> Optional.of(new FunctionCall(functions, false));
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
                .map(function -> new FunctionCall(List.of(function), true))
                .orElseThrow(() -> ApiException.invalid(
                        "tool_choice must name one of the tools, got " + RequestBody.shortened(name), TOOL_CHOICE));
    }

    /// Whether the name of the function is known before the answer begins.
    public boolean isNamed() {
        return required && functions.size() == 1;
    }

    /// Why an answer ended, in the words of conversations. A call that was cut off says so, for its arguments are no
    /// JSON.
    ///
    /// @param call that the answer must or may be
    /// @param finish how it ended
    public static String finishReason(Optional<FunctionCall> call, GenerationResult finish) {
        boolean called = switch (finish.reason()) {
            case FORM_COMPLETE -> call.isPresent();
            case END_OF_TEXT -> call.isPresent() && call.get().required();
            default -> false;
        };
        if (called) {
            return TOOL_CALLS;
        }
        return finish.reason() == FinishReason.MAX_TOKENS ? "length" : "stop";
    }

    /// The form that binds the answer. Where the function's name is known, only the arguments are written.
    public TextConstraint form() {
        try {
            if (isNamed()) {
                return TextConstraint.jsonSchema(functions.getFirst().form());
            }
            Map<String, JsonForm> labelled = functions.stream()
                    .collect(Collectors.toMap(
                            function -> function.name() + " ",
                            Function::form,
                            (first, _) -> first,
                            LinkedHashMap::new));
            return required ? TextConstraint.labelledJson(labelled) : TextConstraint.textOrLabelledJson(labelled);
        } catch (InputException mistake) {
            throw ApiException.invalid("tools: " + mistake.getMessage(), "tools");
        }
    }

    /// Tells apart what an answer is while it is written.
    public FunctionCallParser parser() {
        return new FunctionCallParser(this);
    }
}
