package dev.saiki.server.api;

import dev.saiki.server.settings.ChatFormat;
import dev.saiki.server.wire.ApiException;
import dev.saiki.server.wire.Json;
import dev.saiki.server.wire.RequestBody;
import dev.saiki.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/// What has been said, in turns.
///
/// @param turns at least one
record Conversation(List<Turn> turns) {

    private static final String ASSISTANT = "Assistant:";
    private static final String NEXT_USER = "\nUser:";
    private static final Set<String> TEXTS = Set.of("text");

    /// Who said what.
    ///
    /// @param role who
    /// @param content what, in words
    /// @param calls the functions called in place of words
    record Turn(Role role, String content, List<Call> calls) {

        Turn {
            calls = List.copyOf(calls);
        }

        /// A turn of words.
        static Turn of(Role role, String content) {
            return new Turn(role, content, List.of());
        }

        /// All of it as text.
        String text() {
            String called = calls.stream()
                    .map(call -> call.name() + " " + call.arguments())
                    .collect(Collectors.joining("\n"));
            return content.isEmpty() || called.isEmpty() ? content + called : content + "\n" + called;
        }
    }

    /// A function that was called.
    ///
    /// @param name of the function
    /// @param arguments JSON
    record Call(String name, String arguments) {

        /// Reads a call.
        ///
        /// @param call with fields `name` and `arguments`
        /// @param param the field of the request it stands in
        static Call read(RequestBody call, String param) {
            return new Call(
                    call.text("name").orElseThrow(() -> ApiException.invalid("every call must have a name", param)),
                    call.text("arguments").orElse("{}"));
        }
    }

    /// Who may speak.
    enum Role {
        SYSTEM,
        USER,
        ASSISTANT,
        TOOL;

        /// Reads a role.
        ///
        /// @param message with a field `role`
        /// @param param the field of the request it stands in
        static Role read(RequestBody message, String param) {
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
        Role role = Role.read(fields, "messages");
        List<Call> calls = fields.items("tool_calls", Integer.MAX_VALUE).stream()
                .map(call -> Call.read(RequestBody.of(call, "messages").object("function"), "messages"))
                .toList();
        if (!calls.isEmpty() && !fields.has("content")) {
            return new Turn(role, "", calls);
        }
        return new Turn(role, content(fields, TEXTS, "messages"), calls);
    }

    /// Reads a text, or parts of one.
    ///
    /// @param message with a field `content`
    /// @param types what parts of text are called
    /// @param param the field of the request it stands in
    static String content(RequestBody message, Set<String> types, String param) {
        Optional<JsonNode> content = message.value("content");
        if (content.isEmpty()) {
            throw ApiException.invalid("every message must have a content", param);
        }
        if (content.get().isString()) {
            return content.get().stringValue();
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode part : message.items("content", Integer.MAX_VALUE)) {
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

    /// Renders the turns as what the model continues.
    ///
    /// @param call the functions that are shown to the model, and of which it calls one
    /// @throws ApiException if the format is none
    Prompt prompt(ChatFormat format, Tokenizer tokenizer, Optional<FunctionCall> call) {
        return switch (format) {
            case PLAIN -> plain(tokenizer, call);
            case CHATML -> chatMl(tokenizer, call);
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

    /// The functions, one a line: its name, its schema, and what it does.
    private static String shown(FunctionCall call) {
        return "Functions:\n"
                + call.functions().stream()
                        .map(function -> (function.name() + " "
                                        + new String(Json.bytes(function.parameters()), StandardCharsets.UTF_8) + " "
                                        + function.description())
                                .strip())
                        .collect(Collectors.joining("\n"));
    }

    private Prompt plain(Tokenizer tokenizer, Optional<FunctionCall> call) {
        StringBuilder text = new StringBuilder();
        call.ifPresent(made -> text.append(shown(made)).append("\n\n"));
        for (Turn turn : turns) {
            String said = turn.text().strip();
            switch (turn.role()) {
                case SYSTEM -> text.append(said).append("\n\n");
                case USER -> text.append("User: ").append(said).append('\n');
                case ASSISTANT ->
                    text.append(ASSISTANT).append(' ').append(said).append('\n');
                case TOOL -> text.append("Result: ").append(said).append('\n');
            }
        }
        text.append(ASSISTANT).append(begun(call));
        return new Prompt(tokenizer.encode(text.toString()), text.toString());
    }

    /// The name of the function that is called, if it is the only one: the model writes its arguments only.
    private static String begun(Optional<FunctionCall> call) {
        return call.filter(made -> made.functions().size() == 1)
                .map(made -> " " + made.functions().getFirst().name())
                .orElse("");
    }

    private Prompt chatMl(Tokenizer tokenizer, Optional<FunctionCall> call) {
        int begins = tokenizer.specialId(ChatFormat.TURN_BEGINS).orElseThrow(Conversation::noMarkers);
        int ends = tokenizer.specialId(ChatFormat.TURN_ENDS).orElseThrow(Conversation::noMarkers);
        List<Turn> all = new ArrayList<>();
        call.ifPresent(made -> all.add(Turn.of(Role.SYSTEM, shown(made))));
        all.addAll(turns);
        List<int[]> pieces = new ArrayList<>();
        for (Turn turn : all) {
            String name = turn.role().name().toLowerCase(Locale.ROOT);
            pieces.add(new int[] {begins});
            pieces.add(tokenizer.encode(name + "\n" + turn.text()));
            pieces.add(new int[] {ends});
            pieces.add(tokenizer.encode("\n"));
        }
        pieces.add(new int[] {begins});
        pieces.add(tokenizer.encode("assistant\n" + begun(call).strip()));
        int[] ids = pieces.stream().flatMapToInt(IntStream::of).toArray();
        return new Prompt(ids, tokenizer.decode(ids));
    }

    private static ApiException noMarkers() {
        return ApiException.unsupported("the model's tokenizer has no tokens for turns", "messages");
    }
}
