package dev.saiki.server.anthropic.messages;

import dev.saiki.http.ApiException;
import dev.saiki.http.Json;
import dev.saiki.http.RequestBody;
import dev.saiki.server.protocol.ConversationFields;
import dev.saiki.text.chat.ChatCall;
import dev.saiki.text.chat.ChatRole;
import dev.saiki.text.chat.ChatTurn;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// The conversation of a request for a message: text, or blocks of text, tool calls and tool results.
final class MessageInput {

    private static final String MESSAGES = "messages";
    private static final String CONTENT = "content";
    private static final Set<String> TEXTS = Set.of("text");

    private MessageInput() {}

    /// Reads `system` and `messages`.
    static List<ChatTurn> read(RequestBody body) {
        List<JsonNode> messages = body.items(MESSAGES);
        if (messages.isEmpty()) {
            throw ApiException.invalid("messages must be a non-empty array", MESSAGES);
        }
        List<ChatTurn> turns = new ArrayList<>();
        body.value("system").ifPresent(system -> turns.add(ChatTurn.of(ChatRole.SYSTEM, text(system, "system"))));
        messages.forEach(message -> addTurns(RequestBody.of(message, MESSAGES), turns));
        if (turns.getLast().role() == ChatRole.ASSISTANT) {
            throw ApiException.unsupported(
                    "the last message must be the user's: prefilled answers are not supported", MESSAGES);
        }
        return ConversationFields.requireCalls(List.copyOf(turns), MESSAGES);
    }

    private static String text(JsonNode content, String param) {
        return ConversationFields.content(RequestBody.of(Json.object().set(CONTENT, content), param), TEXTS, param);
    }

    /// Adds the turns of one message: each tool result is a turn of its own.
    private static void addTurns(RequestBody message, List<ChatTurn> turns) {
        ChatRole role = ConversationFields.role(message, MESSAGES);
        if (message.value(CONTENT).filter(JsonNode::isArray).isEmpty()) {
            turns.add(ChatTurn.of(role, ConversationFields.content(message, TEXTS, MESSAGES)));
            return;
        }
        StringBuilder text = new StringBuilder();
        StringBuilder thought = new StringBuilder();
        List<ChatCall> calls = new ArrayList<>();
        List<ChatTurn> results = new ArrayList<>();
        for (JsonNode node : message.items(CONTENT)) {
            RequestBody block = RequestBody.of(node, MESSAGES);
            String type = block.text("type").orElse("");
            switch (type) {
                case "text" ->
                    text.append(block.text("text")
                            .orElseThrow(() -> ApiException.invalid("every text block must have a text", MESSAGES)));
                case "tool_use" -> calls.add(call(block));
                case "tool_result" -> results.add(result(block));
                case "thinking" -> thought.append(block.text("thinking").orElse(""));
                // Such thoughts are ignored, because only the model that wrote them can read them.
                case "redacted_thinking" -> {}
                default ->
                    throw ApiException.unsupported(
                            "content blocks must be of type text, tool_use or tool_result, got "
                                    + RequestBody.shortened(type),
                            MESSAGES);
            }
        }
        turns.addAll(results);
        if (results.isEmpty() || !text.isEmpty()) {
            turns.add(
                    role == ChatRole.ASSISTANT
                            ? ChatTurn.ofModel(text.toString(), thought.toString(), calls)
                            : ChatTurn.of(role, text.toString()));
        }
    }

    private static ChatCall call(RequestBody block) {
        return new ChatCall(
                block.text("id"),
                block.text("name").orElseThrow(() -> ApiException.invalid("every tool_use must have a name", MESSAGES)),
                block.value("input")
                        .map(input -> new String(Json.bytes(input), StandardCharsets.UTF_8))
                        .orElse("{}"));
    }

    private static ChatTurn result(RequestBody block) {
        String text =
                block.value(CONTENT).map(content -> text(content, MESSAGES)).orElse("");
        return ChatTurn.ofResult(text, block.text("tool_use_id"));
    }
}
