package dev.saiki.rollout.check;

import dev.saiki.rollout.pair.RequestWords;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// The text that precedes an answer: the prompt itself, or the conversation as a script, in which a line with the
/// role precedes each message.
final class RequestText {

    private static final String ROLE = ":\n";
    private static final String BETWEEN = "\n\n";

    private RequestText() {}

    /// Reads a request.
    ///
    /// @param request a request for chat completions, completions or responses
    /// @return the text; empty if the request has none, for example if its prompt is a list of token ids
    static Optional<String> of(String request) {
        return RequestWords.fields(request).flatMap(RequestText::of);
    }

    private static Optional<String> of(JsonNode fields) {
        if (fields.path("prompt").isString()) {
            return Optional.of(fields.path("prompt").stringValue());
        }
        JsonNode messages = RequestWords.turns(fields);
        StringBuilder script = new StringBuilder();
        if (fields.path("instructions").isString()) {
            add(script, "system", fields.path("instructions"));
        }
        if (messages.isString()) {
            add(script, "user", messages);
        }
        for (JsonNode message : messages) {
            add(script, message.path("role").asString("user"), message.path("content"));
        }
        return script.isEmpty()
                ? Optional.empty()
                : Optional.of(script.append("assistant").append(ROLE).toString());
    }

    private static void add(StringBuilder script, String role, JsonNode content) {
        script.append(role).append(ROLE).append(RequestWords.text(content)).append(BETWEEN);
    }
}
