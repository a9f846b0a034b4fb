package dev.saiki.server;

import dev.saiki.engine.Engine;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The requests of a rehearsal: each kind of answer whose code is its own, all of them short.
///
/// @param first a short conversation, answered in pieces, whose time says how warm the server is
/// @param others what else is asked in a round
record RehearsalRequests(Post first, List<Post> others) {

    private static final String CHAT = "/v1/chat/completions";

    private static final int LONG_PROMPT = 192;
    private static final int SHORT_PROMPT = 24;

    /// A request.
    record Post(String path, String body) {}

    /// Makes what fits into a model's context.
    static RehearsalRequests of(Engine engine) {
        int context = engine.config().maxPositionEmbeddings();
        int answer = Math.clamp(context / 8, 1, 8);
        String question = words(engine, Math.min(SHORT_PROMPT, context / 4));
        String text = words(engine, Math.min(LONG_PROMPT, context / 2));
        String messages =
                "{\"messages\":[{\"role\":\"user\",\"content\":\"" + question + "\"}],\"max_tokens\":" + answer;
        return new RehearsalRequests(
                new Post(CHAT, messages + ",\"stream\":true,\"ignore_eos\":true}"),
                List.of(
                        new Post(CHAT, messages + ",\"logprobs\":true,\"top_logprobs\":5}"),
                        new Post(
                                CHAT,
                                messages
                                        + ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\","
                                        + "\"schema\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"},"
                                        + "\"b\":{\"type\":\"integer\"}},\"required\":[\"a\",\"b\"]}}}}"),
                        new Post(
                                "/v1/completions",
                                "{\"prompt\":\"" + text + "\",\"max_tokens\":" + answer + ",\"temperature\":0}"),
                        new Post(
                                "/v1/completions",
                                "{\"prompt\":\"" + text + "\",\"max_tokens\":1,\"echo\":true,\"logprobs\":1}")));
    }

    /// Words of a known number of tokens, about.
    private static String words(Engine engine, int tokens) {
        int[] ids = engine.tokenizer().encode("it was the best of times and the worst of them ");
        int times = Math.max(1, tokens / ids.length);
        return IntStream.range(0, times)
                .mapToObj(_ -> "it was the best of times and the worst of them")
                .collect(Collectors.joining(" "));
    }
}
