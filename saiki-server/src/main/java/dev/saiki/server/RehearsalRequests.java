package dev.saiki.server;

import dev.saiki.engine.Engine;
import dev.saiki.http.Json;
import dev.saiki.server.settings.ModelChoice;
import java.util.Collections;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// The requests of a warm-up round: one short request for each kind of response that has its own code path.
///
/// @param first a short streamed conversation, whose latency indicates how warm the server is
/// @param others the other requests of a round
record RehearsalRequests(Post first, List<Post> others) {

    private static final String CHAT = "/v1/chat/completions";
    private static final String COMPLETIONS = "/v1/completions";
    private static final String WORDS = "it was the best of times and the worst of them ";
    private static final int LONG_PROMPT = 192;
    private static final int SHORT_PROMPT = 24;
    private static final int MAX_ANSWER = 8;

    /// A request.
    record Post(String path, ObjectNode body) {}

    /// Creates requests that fit into a model's context.
    static RehearsalRequests of(ModelChoice model) {
        int context = model.engine().config().maxPositionEmbeddings();
        int answer = Math.clamp(context / 8, 1, MAX_ANSWER);
        String question = words(model.engine(), Math.min(SHORT_PROMPT, context / 4));
        String text = words(model.engine(), Math.min(LONG_PROMPT, context / 2));
        ObjectNode likely = chat(model, question, answer).put("logprobs", true).put("top_logprobs", 5);
        ObjectNode bound = chat(model, question, answer);
        ObjectNode format = bound.putObject("response_format").put("type", "json_schema");
        ObjectNode schema = format.putObject("json_schema")
                .put("name", "a")
                .putObject("schema")
                .put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        properties.putObject("a").put("type", "string");
        properties.putObject("b").put("type", "integer");
        return new RehearsalRequests(
                new Post(CHAT, chat(model, question, answer).put("stream", true).put("ignore_eos", true)),
                List.of(
                        new Post(CHAT, likely),
                        new Post(CHAT, bound),
                        new Post(COMPLETIONS, completion(model, text, answer).put("temperature", 0)),
                        new Post(
                                COMPLETIONS,
                                completion(model, text, 1).put("echo", true).put("logprobs", 1))));
    }

    private static ObjectNode chat(ModelChoice model, String question, int answer) {
        ObjectNode body = Json.object().put("model", model.name()).put("max_tokens", answer);
        body.putArray("messages").addObject().put("role", "user").put("content", question);
        return body;
    }

    private static ObjectNode completion(ModelChoice model, String text, int answer) {
        return Json.object().put("model", model.name()).put("prompt", text).put("max_tokens", answer);
    }

    /// Returns text of about this number of tokens, at least a few.
    private static String words(Engine engine, int tokens) {
        int times = Math.max(1, tokens / engine.tokenizer().encode(WORDS).length);
        return String.join("", Collections.nCopies(times, WORDS)).strip();
    }
}
