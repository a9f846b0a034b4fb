package dev.saiki.server.prompt;

import dev.saiki.io.InputException;
import dev.saiki.server.answer.AnswerSyntax;
import dev.saiki.server.answer.CallForm;
import dev.saiki.server.answer.FunctionCall;
import dev.saiki.server.http.ApiException;
import dev.saiki.server.http.Json;
import dev.saiki.server.prompt.Conversation.Call;
import dev.saiki.server.prompt.Conversation.Turn;
import dev.saiki.text.chat.EncodedChat;
import dev.saiki.text.chat.TemplateEncoder;
import dev.saiki.text.chat.ThinkingMarks;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Conversations as the checkpoint's own template writes them down, with the functions that may be called.
final class TemplatePrompt {

    /// What ends thoughts that the prompt begins, where the answer has no room for them.
    private static final String NO_THOUGHTS = "\n" + ThinkingMarks.END + "\n\n";

    private final TemplateEncoder encoder;

    TemplatePrompt(TemplateEncoder encoder) {
        this.encoder = encoder;
    }

    /// Renders turns as what the model continues.
    ///
    /// @throws ApiException with the template's own words if it refuses the conversation
    ChatPrompt prompt(Conversation conversation, AnswerSyntax syntax, PromptOptions options) {
        options.requireFree(encoder.template());
        ArrayNode messages = Json.object().putArray("messages");
        ArrayNode tools = Json.object().putArray("tools");
        Optional<FunctionCall> call = syntax.call();
        if (call.isPresent() && !encoder.template().showsTools()) {
            messages.addObject().put("role", "system").put("content", ChatPrompts.shown(call.get()));
        } else {
            call.ifPresent(made -> made.functions().forEach(function -> tools.add(function.toJson())));
        }
        conversation.turns().forEach(turn -> messages.add(message(turn, syntax.form())));
        try {
            EncodedChat chat = encoder.encode(messages, tools, options.settings(), prompt -> opening(prompt, syntax));
            return new ChatPrompt(
                    new EncodedPrompt(chat.ids(), chat.text()), syntax.behind(ThinkingMarks.areBegunBy(chat.text())));
        } catch (InputException refusal) {
            throw ApiException.invalid("the model's " + refusal.getMessage(), "messages");
        }
    }

    private String opening(String prompt, AnswerSyntax syntax) {
        boolean hasNoRoom = encoder.knowsThinking() && syntax.thinking() == AnswerSyntax.Thinking.NONE;
        return (hasNoRoom && ThinkingMarks.areBegunBy(prompt) ? NO_THOUGHTS : "") + syntax.opening();
    }

    /// A turn in the form that templates expect: OpenAI's, but for arguments, which are JSON and no text of it.
    private static ObjectNode message(Turn turn, CallForm form) {
        ObjectNode message = Json.object();
        message.put("role", turn.role().name().toLowerCase(Locale.ROOT));
        message.put("content", turn.content());
        turn.thought().ifPresent(thought -> message.put("reasoning_content", thought));
        turn.answered().ifPresent(id -> message.put("tool_call_id", form.idInTemplate(id)));
        if (!turn.calls().isEmpty()) {
            ArrayNode calls = message.putArray("tool_calls");
            turn.calls().forEach(call -> calls.add(call(call, form)));
        }
        return message;
    }

    private static ObjectNode call(Call call, CallForm form) {
        ObjectNode made = Json.object().put("type", "function");
        call.id().ifPresent(id -> made.put("id", form.idInTemplate(id)));
        ObjectNode function = made.putObject("function").put("name", call.name());
        function.set("arguments", arguments(call.arguments()));
        return made;
    }

    /// What a client says a model has called may be no JSON.
    private static JsonNode arguments(String text) {
        try {
            return Json.read(text.getBytes(StandardCharsets.UTF_8));
        } catch (JacksonException e) {
            return Json.object().stringNode(text);
        }
    }
}
