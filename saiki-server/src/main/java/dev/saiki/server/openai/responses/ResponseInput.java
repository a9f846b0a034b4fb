package dev.saiki.server.openai.responses;

import dev.saiki.http.ApiException;
import dev.saiki.http.RequestBody;
import dev.saiki.server.protocol.ConversationFields;
import dev.saiki.text.chat.ChatCall;
import dev.saiki.text.chat.ChatRole;
import dev.saiki.text.chat.ChatTurn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// The conversation of a request for a response: a text, or items.
///
/// The model's thoughts, message and tool calls are separate items; adjacent ones in this order form one turn.
final class ResponseInput {

    private static final String INPUT = "input";
    private static final Set<String> TEXTS = Set.of("input_text", "output_text", "text");

    private final List<ChatTurn> turns = new ArrayList<>();

    /// The model's thoughts, until another item of the same turn follows.
    private String thought = "";

    private ResponseInput() {}

    /// Reads `instructions` and `input`.
    public static List<ChatTurn> read(RequestBody body) {
        ResponseInput read = new ResponseInput();
        body.text("instructions").ifPresent(text -> read.turns.add(ChatTurn.of(ChatRole.SYSTEM, text)));
        Optional<JsonNode> input = body.value(INPUT);
        if (input.isPresent() && input.get().isString()) {
            read.turns.add(ChatTurn.of(ChatRole.USER, input.get().stringValue()));
            return List.copyOf(read.turns);
        }
        List<JsonNode> items = body.items(INPUT);
        if (items.isEmpty()) {
            throw ApiException.invalid("input must be a text or a non-empty array of items", INPUT);
        }
        items.forEach(item -> read.add(RequestBody.of(item, INPUT)));
        return ConversationFields.requireCalls(List.copyOf(read.turns), INPUT);
    }

    private void add(RequestBody item) {
        String type = item.text("type").orElse("message");
        switch (type) {
            case "message" -> {
                ChatRole role = ConversationFields.role(item, INPUT);
                String content = ConversationFields.content(item, TEXTS, INPUT);
                if (role == ChatRole.ASSISTANT) {
                    addOfModel(content, List.of());
                } else {
                    turns.add(ChatTurn.of(role, content));
                }
            }
            case "reasoning" -> thought = thought(item);
            case "function_call" -> addOfModel("", List.of(ConversationFields.call(item.text("call_id"), item, INPUT)));
            case "function_call_output" -> turns.add(ChatTurn.ofResult(output(item), item.text("call_id")));
            default ->
                throw ApiException.unsupported(
                        "items must be of type message, reasoning, function_call or function_call_output, got "
                                + RequestBody.shortened(type),
                        INPUT);
        }
    }

    private static String output(RequestBody item) {
        return item.text("output")
                .orElseThrow(() -> ApiException.invalid("every function_call_output must have an output", INPUT));
    }

    /// Returns the thoughts or, if they are missing, the summary of them that another server wrote.
    private static String thought(RequestBody item) {
        return Stream.of("content", "summary")
                .map(name -> item.items(name).stream()
                        .map(part -> RequestBody.of(part, INPUT).text("text").orElse(""))
                        .collect(Collectors.joining("\n")))
                .filter(text -> !text.isEmpty())
                .findFirst()
                .orElse("");
    }

    private void addOfModel(String content, List<ChatCall> calls) {
        boolean continuesTurn = !calls.isEmpty()
                && thought.isEmpty()
                && !turns.isEmpty()
                && turns.getLast().role() == ChatRole.ASSISTANT;
        if (continuesTurn) {
            ChatTurn begun = turns.removeLast();
            List<ChatCall> all = new ArrayList<>(begun.calls());
            all.addAll(calls);
            turns.add(ChatTurn.ofModel(begun.content(), begun.thought().orElse(""), all));
        } else {
            turns.add(ChatTurn.ofModel(content, thought, calls));
        }
        thought = "";
    }
}
