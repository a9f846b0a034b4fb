package dev.saiki.server.prompt;

import dev.saiki.server.http.ApiException;
import dev.saiki.server.http.RequestBody;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// A conversation as far as it has come, in turns.
///
/// @param turns at least one
public record Conversation(List<Turn> turns) {

    private static final Set<String> TEXTS = Set.of("text");

    /// What clients call the thoughts of an answer.
    private static final List<String> THOUGHTS = List.of("reasoning_content", "reasoning");

    /// A turn of a conversation: who said what.
    ///
    /// @param role who
    /// @param content what, in words
    /// @param thought what the model thought before it said that
    /// @param calls the functions called beside words, or in their place
    /// @param answered the id of the call whose result it is
    public record Turn(
            Role role, String content, Optional<String> thought, List<Call> calls, Optional<String> answered) {

        public Turn {
            calls = List.copyOf(calls);
        }

        /// A turn of words.
        public static Turn of(Role role, String content) {
            return new Turn(role, content, Optional.empty(), List.of(), Optional.empty());
        }

        /// A turn of the model.
        public static Turn ofModel(String content, String thought, List<Call> calls) {
            return new Turn(
                    Role.ASSISTANT,
                    content,
                    Optional.of(thought).filter(text -> !text.isEmpty()),
                    calls,
                    Optional.empty());
        }

        /// A turn that tells the result of a call.
        ///
        /// @param id of the call
        public static Turn ofResult(String content, Optional<String> id) {
            return new Turn(Role.TOOL, content, Optional.empty(), List.of(), id);
        }

        /// All of it as text.
        public String text() {
            String called = calls.stream()
                    .map(call -> call.name() + " " + call.arguments())
                    .collect(Collectors.joining("\n"));
            return content.isEmpty() || called.isEmpty() ? content + called : content + "\n" + called;
        }
    }

    /// A function that was called.
    ///
    /// @param id by which its result names it
    /// @param name of the function
    /// @param arguments JSON
    public record Call(Optional<String> id, String name, String arguments) {

        /// Reads a call.
        ///
        /// @param id by which its result names it
        /// @param call with fields `name` and `arguments`
        /// @param param the field of the request it stands in
        public static Call read(Optional<String> id, RequestBody call, String param) {
            return new Call(
                    id,
                    call.text("name").orElseThrow(() -> ApiException.invalid("every call must have a name", param)),
                    call.text("arguments").orElse("{}"));
        }
    }

    /// A role in a conversation.
    public enum Role {
        SYSTEM,
        USER,
        ASSISTANT,
        TOOL;

        /// Reads a role.
        ///
        /// @param message with a field `role`
        /// @param param the field of the request it stands in
        public static Role read(RequestBody message, String param) {
            String name = message.text("role")
                    .orElseThrow(() -> ApiException.invalid("every message must have a role", param));
            return switch (name) {
                case "system", "developer" -> SYSTEM;
                case "user" -> USER;
                case "assistant" -> ASSISTANT;
                case "tool", "function" -> TOOL;
                default ->
                    throw ApiException.invalid(
                            "role must be system, developer, user, assistant or tool, got "
                                    + RequestBody.shortened(name),
                            param);
            };
        }
    }

    public Conversation {
        turns = List.copyOf(turns);
    }

    /// Reads the turns of a request.
    ///
    /// @param body with a field `messages`
    public static Conversation read(RequestBody body) {
        List<JsonNode> messages = body.items("messages");
        if (messages.isEmpty()) {
            throw ApiException.invalid("messages must be an array of at least one message", "messages");
        }
        return new Conversation(messages.stream().map(Conversation::turn).toList());
    }

    private static Turn turn(JsonNode message) {
        RequestBody fields = RequestBody.of(message, "messages");
        Role role = Role.read(fields, "messages");
        List<Call> calls = fields.items("tool_calls").stream()
                .map(call -> RequestBody.of(call, "messages"))
                .map(call -> Call.read(call.text("id"), call.object("function"), "messages"))
                .toList();
        String content = !calls.isEmpty() && !fields.has("content") ? "" : content(fields, TEXTS, "messages");
        Optional<String> thought =
                THOUGHTS.stream().flatMap(name -> fields.text(name).stream()).findFirst();
        return new Turn(role, content, thought, calls, fields.text("tool_call_id"));
    }

    /// Reads a text, or parts of one.
    ///
    /// @param message with a field `content`
    /// @param types what parts of text are called
    /// @param param the field of the request it stands in
    public static String content(RequestBody message, Set<String> types, String param) {
        Optional<JsonNode> content = message.value("content");
        if (content.isEmpty()) {
            throw ApiException.invalid("every message must have a content", param);
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
                        "parts of a content must be of type text, got " + RequestBody.shortened(type), param);
            }
            text.append(
                    fields.text("text").orElseThrow(() -> ApiException.invalid("every part must have a text", param)));
        }
        return text.toString();
    }
}
