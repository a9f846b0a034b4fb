package dev.saiki.server.openai.responses;

import dev.saiki.server.http.ApiException;
import dev.saiki.server.http.RequestBody;
import dev.saiki.server.prompt.Conversation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// The conversation of a request for a response: a text, or items.
final class ResponseInput {

    private static final Set<String> TEXTS = Set.of("input_text", "output_text", "text");

    private ResponseInput() {}

    /// Reads `instructions` and `input`.
    public static Conversation read(RequestBody body) {
        List<Conversation.Turn> turns = new ArrayList<>();
        body.text("instructions").ifPresent(text -> turns.add(Conversation.Turn.of(Conversation.Role.SYSTEM, text)));
        Optional<JsonNode> input = body.value("input");
        if (input.isPresent() && input.get().isString()) {
            turns.add(Conversation.Turn.of(Conversation.Role.USER, input.get().stringValue()));
            return new Conversation(turns);
        }
        List<JsonNode> items = body.items("input");
        if (items.isEmpty()) {
            throw ApiException.invalid("input must be a text or an array of at least one item", "input");
        }
        items.forEach(item -> turns.add(turn(RequestBody.of(item, "input"))));
        return new Conversation(turns);
    }

    private static Conversation.Turn turn(RequestBody item) {
        String type = item.text("type").orElse("message");
        return switch (type) {
            case "message" ->
                Conversation.Turn.of(Conversation.Role.read(item, "input"), Conversation.content(item, TEXTS, "input"));
            case "function_call" ->
                new Conversation.Turn(
                        Conversation.Role.ASSISTANT,
                        "",
                        List.of(Conversation.Call.read(item.text("call_id"), item, "input")),
                        Optional.empty());
            case "function_call_output" ->
                new Conversation.Turn(
                        Conversation.Role.TOOL,
                        item.text("output")
                                .orElseThrow(() -> ApiException.invalid(
                                        "every function_call_output must have an output", "input")),
                        List.of(),
                        item.text("call_id"));
            default ->
                throw ApiException.unsupported(
                        "items must be of type message, function_call or function_call_output, got "
                                + RequestBody.shortened(type),
                        "input");
        };
    }
}
