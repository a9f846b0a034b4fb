package dev.saiki.server.api;

import dev.saiki.server.settings.ChatFormat;
import dev.saiki.server.wire.ApiException;
import dev.saiki.server.wire.RequestBody;
import dev.saiki.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/// What has been said, in turns.
///
/// @param turns at least one
record Conversation(List<Turn> turns) {

    private static final String ASSISTANT = "Assistant:";
    private static final String NEXT_USER = "\nUser:";

    /// Who said what.
    record Turn(Role role, String content) {}

    /// Who may speak.
    enum Role {
        SYSTEM,
        USER,
        ASSISTANT
    }

    Conversation {
        turns = List.copyOf(turns);
    }

    /// Reads the turns of a request.
    ///
    /// @param body with a field `messages`
    static Conversation read(RequestBody body) {
        List<JsonNode> messages = body.items("messages", Integer.MAX_VALUE);
        if (messages.isEmpty()) {
            throw ApiException.invalid("messages must be an array of at least one message", "messages");
        }
        return new Conversation(messages.stream().map(Conversation::turn).toList());
    }

    private static Turn turn(JsonNode message) {
        RequestBody fields = RequestBody.of(message, "messages");
        String name = fields.text("role")
                .orElseThrow(() -> ApiException.invalid("every message must have a role", "messages"));
        Role role = switch (name) {
            case "system", "developer" -> Role.SYSTEM;
            case "user" -> Role.USER;
            case "assistant" -> Role.ASSISTANT;
            case "tool", "function" ->
                throw ApiException.unsupported(
                        "messages of the role " + name + " are not supported by this server", "messages");
            default ->
                throw ApiException.invalid(
                        "role must be system, developer, user or assistant, got " + RequestBody.shortened(name),
                        "messages");
        };
        if (!fields.items("tool_calls", Integer.MAX_VALUE).isEmpty()) {
            throw ApiException.unsupported("tool_calls are not supported by this server", "messages");
        }
        return new Turn(role, content(fields));
    }

    /// A text, or parts of one.
    private static String content(RequestBody message) {
        Optional<JsonNode> content = message.value("content");
        if (content.isEmpty()) {
            throw ApiException.invalid("every message must have a content", "messages");
        }
        if (content.get().isString()) {
            return content.get().stringValue();
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode part : message.items("content", Integer.MAX_VALUE)) {
            RequestBody fields = RequestBody.of(part, "messages");
            String type = fields.text("type").orElse("");
            if (!type.equals("text")) {
                throw ApiException.unsupported(
                        "parts of a content must be of type text, got " + RequestBody.shortened(type), "messages");
            }
            text.append(fields.text("text")
                    .orElseThrow(() -> ApiException.invalid("every part must have a text", "messages")));
        }
        return text.toString();
    }

    /// Renders the turns as what the model continues.
    ///
    /// @throws ApiException if the format is none
    Prompt prompt(ChatFormat format, Tokenizer tokenizer) {
        return switch (format) {
            case PLAIN -> plain(tokenizer);
            case CHATML -> chatMl(tokenizer);
            case NONE ->
                throw ApiException.unsupported(
                        "the model has a chat template of its own, which this server cannot run; use /v1/completions, or"
                                + " start the server with --chat-format",
                        "messages");
        };
    }

    /// What ends an answer beside the end of the text.
    static List<String> stops(ChatFormat format) {
        return switch (format) {
            case PLAIN -> List.of(NEXT_USER);
            case CHATML -> List.of(ChatFormat.TURN_ENDS);
            case NONE -> List.of();
        };
    }

    private Prompt plain(Tokenizer tokenizer) {
        StringBuilder text = new StringBuilder();
        for (Turn turn : turns) {
            String content = turn.content().strip();
            switch (turn.role()) {
                case SYSTEM -> text.append(content).append("\n\n");
                case USER -> text.append("User: ").append(content).append('\n');
                case ASSISTANT ->
                    text.append(ASSISTANT).append(' ').append(content).append('\n');
            }
        }
        text.append(ASSISTANT);
        return new Prompt(tokenizer.encode(text.toString()), text.toString());
    }

    private Prompt chatMl(Tokenizer tokenizer) {
        int begins = tokenizer.specialId(ChatFormat.TURN_BEGINS).orElseThrow(Conversation::noMarkers);
        int ends = tokenizer.specialId(ChatFormat.TURN_ENDS).orElseThrow(Conversation::noMarkers);
        List<int[]> pieces = new ArrayList<>();
        for (Turn turn : turns) {
            String name = turn.role().name().toLowerCase(Locale.ROOT);
            pieces.add(new int[] {begins});
            pieces.add(tokenizer.encode(name + "\n" + turn.content()));
            pieces.add(new int[] {ends});
            pieces.add(tokenizer.encode("\n"));
        }
        pieces.add(new int[] {begins});
        pieces.add(tokenizer.encode("assistant\n"));
        int[] ids = pieces.stream().flatMapToInt(IntStream::of).toArray();
        return new Prompt(ids, tokenizer.decode(ids));
    }

    private static ApiException noMarkers() {
        return ApiException.unsupported("the model's tokenizer has no tokens for turns", "messages");
    }
}
