package dev.saiki.chat;

import dev.saiki.chat.answer.AnswerSyntax;
import dev.saiki.chat.answer.CallForm;
import dev.saiki.chat.tool.CallJson;
import dev.saiki.chat.tool.ToolChoice;
import dev.saiki.io.InputException;
import dev.saiki.text.chat.ChatCall;
import dev.saiki.text.chat.ChatTurn;
import dev.saiki.text.chat.EncodedPrompt;
import dev.saiki.text.chat.TemplateEncoder;
import dev.saiki.text.chat.ThinkingMarks;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A renderer of prompts with the checkpoint's own chat template.
record TemplatePrompt(TemplateEncoder encoder) {

    /// Closes thoughts that the prompt opens, if the answer must not contain any.
    private static final String NO_THOUGHTS = "\n" + ThinkingMarks.END + "\n\n";

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    ChatPrompt prompt(List<ChatTurn> turns, AnswerSyntax syntax, PromptOptions options) {
        options.requireFree(encoder.template());
        ArrayNode messages = JSON.arrayNode();
        ArrayNode shown = JSON.arrayNode();
        Optional<ToolChoice> tools = syntax.call();
        if (tools.isPresent() && !encoder.template().showsTools()) {
            messages.addObject().put("role", "system").put("content", ChatPrompts.shown(tools.get()));
        } else {
            tools.ifPresent(choice -> choice.tools().forEach(tool -> shown.add(tool.toJson())));
        }
        turns.forEach(turn -> messages.add(message(turn, syntax.form())));
        EncodedPrompt prompt = encode(messages, shown, syntax, options);
        return new ChatPrompt(prompt, syntax.behind(ThinkingMarks.areBegunBy(prompt.text())));
    }

    private EncodedPrompt encode(ArrayNode messages, ArrayNode tools, AnswerSyntax syntax, PromptOptions options) {
        try {
            return encoder.encode(messages, tools, options.settings(), prompt -> opening(prompt, syntax));
        } catch (InputException refusal) {
            throw new InputException("the model's " + refusal.getMessage(), refusal);
        }
    }

    private String opening(String prompt, AnswerSyntax syntax) {
        boolean hasNoRoom = encoder.knowsThinking() && syntax.thinking() == AnswerSyntax.Thinking.NONE;
        return (hasNoRoom && ThinkingMarks.areBegunBy(prompt) ? NO_THOUGHTS : "") + syntax.opening();
    }

    /// A turn in the form that templates expect: OpenAI's, except that arguments are JSON objects, not JSON text.
    private static ObjectNode message(ChatTurn turn, CallForm form) {
        ObjectNode message = JSON.objectNode();
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

    private static ObjectNode call(ChatCall call, CallForm form) {
        ObjectNode made = JSON.objectNode().put("type", "function");
        call.id().ifPresent(id -> made.put("id", form.idInTemplate(id)));
        ObjectNode function = made.putObject("function").put("name", call.name());
        // Arguments from a client need not be valid JSON.
        function.set("arguments", CallJson.read(call.arguments()).orElseGet(() -> JSON.stringNode(call.arguments())));
        return made;
    }
}
