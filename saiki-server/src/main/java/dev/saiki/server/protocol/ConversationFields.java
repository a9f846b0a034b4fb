package dev.saiki.server.protocol;

import dev.saiki.chat.ChatPrompt;
import dev.saiki.chat.PromptOptions;
import dev.saiki.chat.tool.ToolChoice;
import dev.saiki.http.ApiException;
import dev.saiki.http.Json;
import dev.saiki.http.RequestBody;
import dev.saiki.io.InputException;
import dev.saiki.server.deployment.ModelDeployment;
import dev.saiki.text.chat.ChatCall;
import dev.saiki.text.chat.ChatRole;
import dev.saiki.text.chat.ChatTurn;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The fields of requests that contain a conversation.
public final class ConversationFields {

    private static final String MESSAGES = "messages";
    private static final Set<String> TEXTS = Set.of("text");

    /// The fields in which clients send back the thoughts of an answer.
    private static final List<String> THOUGHTS = List.of("reasoning_content", "reasoning");

    private ConversationFields() {}

    /// Reads the turns of a chat.
    ///
    /// @param body the request body, with a field `messages`
    public static List<ChatTurn> read(RequestBody body) {
        List<JsonNode> messages = body.items(MESSAGES);
        if (messages.isEmpty()) {
            throw ApiException.invalid("messages must be a non-empty array", MESSAGES);
        }
        return requireCalls(messages.stream().map(ConversationFields::turn).toList(), MESSAGES);
    }

    /// Refuses a tool result whose call does not precede it in the conversation.
    ///
    /// @param turns the turns of a conversation
    /// @param param the request field that contains the turns
    /// @return the same turns
    public static List<ChatTurn> requireCalls(List<ChatTurn> turns, String param) {
        Set<String> ids = new HashSet<>();
        boolean hasCalls = false;
        for (ChatTurn turn : turns) {
            turn.calls().forEach(call -> call.id().ifPresent(ids::add));
            hasCalls |= !turn.calls().isEmpty();
            boolean isKnown = turn.answered().map(ids::contains).orElse(hasCalls);
            if (turn.role() == ChatRole.TOOL && !isKnown) {
                throw ApiException.invalid(
                        "a tool's result must follow the call that it answers; no earlier message has the call "
                                + RequestBody.shortened(turn.answered().orElse("without an id")),
                        param);
            }
        }
        return turns;
    }

    private static ChatTurn turn(JsonNode message) {
        RequestBody fields = RequestBody.of(message, MESSAGES);
        ChatRole role = role(fields, MESSAGES);
        List<ChatCall> calls = fields.items("tool_calls").stream()
                .map(call -> RequestBody.of(call, MESSAGES))
                .map(call -> call(call.text("id"), call.object("function"), MESSAGES))
                .toList();
        String content = !calls.isEmpty() && !fields.has("content") ? "" : content(fields, TEXTS, MESSAGES);
        Optional<String> thought =
                THOUGHTS.stream().flatMap(name -> fields.text(name).stream()).findFirst();
        return new ChatTurn(role, content, thought, calls, fields.text("tool_call_id"));
    }

    /// Reads a text, or an array of text parts.
    ///
    /// @param message the message, with a field `content`
    /// @param types the types of parts that are text
    /// @param param the request field that contains the message
    public static String content(RequestBody message, Set<String> types, String param) {
        Optional<JsonNode> content = message.value("content");
        if (content.isEmpty()) {
            throw ApiException.invalid("every message must have content", param);
        }
        if (content.get().isString()) {
            return content.get().stringValue();
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode part : message.items("content")) {
            RequestBody fields = RequestBody.of(part, param);
            String type = fields.text("type").orElse("");
            if (!types.contains(type)) {
                throw ApiException.unsupported(
                        "content parts must be of type text, got " + RequestBody.shortened(type), param);
            }
            text.append(fields.text("text")
                    .orElseThrow(() -> ApiException.invalid("every content part must have a text", param)));
        }
        return text.toString();
    }

    /// Reads a tool call.
    ///
    /// @param id the id of the call, to which the call's result refers
    /// @param call the call, with the fields `name` and `arguments`
    /// @param param the request field that contains the call
    public static ChatCall call(Optional<String> id, RequestBody call, String param) {
        return new ChatCall(
                id,
                call.text("name").orElseThrow(() -> ApiException.invalid("every call must have a name", param)),
                call.text("arguments").orElse("{}"));
    }

    /// Reads a role.
    ///
    /// @param message the message, with a field `role`
    /// @param param the request field that contains the message
    public static ChatRole role(RequestBody message, String param) {
        String name =
                message.text("role").orElseThrow(() -> ApiException.invalid("every message must have a role", param));
        return switch (name) {
            case "system", "developer" -> ChatRole.SYSTEM;
            case "user" -> ChatRole.USER;
            case "assistant" -> ChatRole.ASSISTANT;
            case "tool", "function" -> ChatRole.TOOL;
            default ->
                throw ApiException.invalid(
                        "role must be system, developer, user, assistant or tool, got " + RequestBody.shortened(name),
                        param);
        };
    }

    /// Reads the variables of the chat template.
    ///
    /// @param body the body of a request
    /// @param isBound whether the request constrains the form of the answer
    public static PromptOptions options(RequestBody body, boolean isBound) {
        ObjectNode settings = Json.object();
        RequestBody given = body.object(PromptOptions.SETTINGS);
        for (String name : given.names()) {
            given.value(name).ifPresentOrElse(value -> settings.set(name, value), () -> settings.putNull(name));
        }
        return new PromptOptions(settings, isBound);
    }

    /// Builds the prompt of a conversation.
    ///
    /// @param model the model that answers
    /// @throws ApiException with status 400 if the model does not support conversations, or its template refuses
    ///     this conversation
    public static ChatPrompt prompt(
            ModelDeployment model, List<ChatTurn> turns, Optional<ToolChoice> tools, PromptOptions options) {
        if (!model.chats().takesConversations()) {
            throw ApiException.unsupported(
                    "this server was started without conversations (--chat-format none); use /v1/completions, or start"
                            + " it with another format",
                    MESSAGES);
        }
        if (!options.settings().isEmpty() && model.chats().templateSource().isEmpty()) {
            throw ApiException.unsupported(
                    PromptOptions.SETTINGS
                            + " needs the checkpoint's chat template, which this server does not use for this model",
                    PromptOptions.SETTINGS);
        }
        try {
            return model.chats().prompt(turns, tools, options);
        } catch (InputException refusal) {
            String message = String.valueOf(refusal.getMessage());
            throw ApiException.invalid(
                    message, message.startsWith(PromptOptions.SETTINGS) ? PromptOptions.SETTINGS : MESSAGES);
        }
    }
}
