package dev.saiki.server.prompt;

import dev.saiki.io.InputException;
import dev.saiki.server.http.ApiException;
import dev.saiki.server.http.Json;
import dev.saiki.server.prompt.Conversation.Call;
import dev.saiki.server.prompt.Conversation.Turn;
import dev.saiki.text.template.CheckpointTemplate;
import dev.saiki.text.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Conversations as the checkpoint's own template writes them down.
///
/// Tokens that the template writes out, such as those between turns, are these tokens; in what is said they are
/// text like any other, so that nobody can forge a turn. To tell them apart, what is said has a mark in them
/// while the template runs, a character that stands for nothing and that the conversation does not have.
final class TemplatePrompt {

    private static final char FIRST_MARK = '\ufdd0';
    private static final char LAST_MARK = '\ufdef';

    private final CheckpointTemplate template;
    private final Tokenizer tokenizer;

    TemplatePrompt(CheckpointTemplate template, Tokenizer tokenizer) {
        this.template = template;
        this.tokenizer = tokenizer;
    }

    public String source() {
        return template.source();
    }

    /// The token with which the model ends a turn, if the checkpoint names one that there is.
    Optional<Integer> endOfTurn() {
        return template.endOfTurn().flatMap(tokenizer::specialId);
    }

    /// Renders turns as what the model continues.
    ///
    /// @throws ApiException with the template's own words if it refuses the conversation
    public EncodedPrompt prompt(Conversation conversation, Optional<FunctionCall> call) {
        ArrayNode messages = Json.object().putArray("messages");
        ArrayNode tools = Json.object().putArray("tools");
        if (call.isPresent() && !template.showsTools()) {
            messages.addObject().put("role", "system").put("content", ChatPrompts.shown(call.get()));
        } else {
            call.ifPresent(made -> made.functions().forEach(function -> tools.add(function.toJson())));
        }
        conversation.turns().forEach(turn -> messages.add(message(turn)));
        String mark = mark(messages.toString() + tools);
        try {
            String text = template.render(marked(messages, mark), marked(tools, mark)) + ChatPrompts.begun(call);
            return new EncodedPrompt(tokenizer.encodeWithSpecials(text, mark), text.replace(mark, ""));
        } catch (InputException refusal) {
            throw ApiException.invalid("the model's " + refusal.getMessage(), "messages");
        }
    }

    private static String mark(String said) {
        return IntStream.rangeClosed(FIRST_MARK, LAST_MARK)
                .filter(c -> said.indexOf(c) < 0)
                .mapToObj(Character::toString)
                .findFirst()
                .orElseThrow(() -> ApiException.invalid(
                        "messages must not have all of the characters U+FDD0 to U+FDEF", "messages"));
    }

    private JsonNode marked(JsonNode said, String mark) {
        if (said.isString()) {
            return Json.object().stringNode(tokenizer.marked(said.stringValue(), mark));
        }
        if (said.isArray()) {
            ArrayNode items = Json.object().putArray("items");
            said.values().forEach(item -> items.add(marked(item, mark)));
            return items;
        }
        if (said.isObject()) {
            ObjectNode fields = Json.object();
            said.properties()
                    .forEach(field ->
                            fields.set(tokenizer.marked(field.getKey(), mark), marked(field.getValue(), mark)));
            return fields;
        }
        return said;
    }

    /// A turn in the form that templates expect: OpenAI's, but for arguments, which are JSON and no text of it.
    private static ObjectNode message(Turn turn) {
        ObjectNode message = Json.object();
        message.put("role", turn.role().name().toLowerCase(Locale.ROOT));
        message.put("content", turn.content());
        turn.answered().ifPresent(id -> message.put("tool_call_id", id));
        if (!turn.calls().isEmpty()) {
            ArrayNode calls = message.putArray("tool_calls");
            turn.calls().forEach(call -> calls.add(call(call)));
        }
        return message;
    }

    private static ObjectNode call(Call call) {
        ObjectNode made = Json.object().put("type", "function");
        call.id().ifPresent(id -> made.put("id", id));
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
