package dev.saiki.rollout;

import dev.saiki.http.Exchange;
import dev.saiki.http.Json;
import dev.saiki.http.server.ConnectionLimits;
import dev.saiki.http.server.ExchangeServer;
import dev.saiki.http.server.ListenOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// An endpoint with OpenAI's API whose behaviour a test scripts.
final class ScriptedEndpoint implements AutoCloseable {

    private static final AtomicInteger IDS = new AtomicInteger();

    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private final ExchangeServer http;
    private final URI url;
    private volatile String checkpoint = "";

    /// A received request.
    record Seen(String path, String query, JsonNode body, Map<String, List<String>> headers) {}

    /// The reaction to a request.
    interface Script {
        void answer(Exchange exchange, JsonNode body) throws IOException;
    }

    private ScriptedEndpoint(Script script) {
        this.http = ExchangeServer.start(local(), exchange -> {
            try {
                if (exchange.path().equals("/version")) {
                    tellCheckpoint(exchange);
                    return;
                }
                byte[] bytes = exchange.body().readAllBytes();
                JsonNode body = bytes.length == 0 ? Json.object() : Json.read(bytes);
                seen.add(new Seen(exchange.path(), exchange.query(), body, exchange.headers()));
                script.answer(exchange, body);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        this.url = URI.create("http://127.0.0.1:" + http.port() + "/v1");
    }

    /// Tells the checkpoint, as a Saiki server does, or that there is no such path.
    private void tellCheckpoint(Exchange exchange) {
        ObjectNode version = Json.object();
        version.putObject("model").put("content_hash", checkpoint);
        exchange.send(checkpoint.isEmpty() ? 404 : 200, Json.CONTENT_TYPE, Json.bytes(version));
    }

    /// Serves another checkpoint from now on.
    void serves(String hash) {
        checkpoint = hash;
    }

    static ListenOptions local() {
        return new ListenOptions("127.0.0.1", 0, ConnectionLimits.DEFAULT, Optional.empty());
    }

    static ScriptedEndpoint start(Script script) {
        return new ScriptedEndpoint(script);
    }

    /// An endpoint that always gives the same answer.
    static ScriptedEndpoint saying(String text) {
        return start((exchange, body) -> say(exchange, body, text));
    }

    /// An endpoint that always fails.
    static ScriptedEndpoint failing(int status) {
        return start((exchange, _) -> exchange.send(
                status,
                Json.CONTENT_TYPE,
                "{\"error\":{\"message\":\"broken on purpose\",\"type\":\"server_error\"}}"
                        .getBytes(StandardCharsets.UTF_8)));
    }

    /// Answers a request for a chat completion, complete or streamed.
    static void say(Exchange exchange, JsonNode body, String text) throws IOException {
        String id = "chatcmpl-" + IDS.incrementAndGet();
        if (!body.path("stream").asBoolean(false)) {
            ObjectNode answer = Json.object();
            answer.put("id", id);
            answer.put("object", "chat.completion");
            ObjectNode choice = answer.putArray("choices").addObject();
            choice.putObject("message").put("role", "assistant").put("content", text);
            choice.put("finish_reason", "stop");
            answer.putObject("usage").put("prompt_tokens", 3).put("completion_tokens", 2);
            exchange.send(200, Json.CONTENT_TYPE, Json.bytes(answer));
            return;
        }
        try (OutputStream output = exchange.stream("text/event-stream")) {
            for (String piece : text.split("(?<= )", -1)) {
                ObjectNode event = Json.object();
                event.put("id", id);
                ObjectNode choice = event.putArray("choices").addObject();
                choice.putObject("delta").put("content", piece);
                write(output, "data: " + new String(Json.bytes(event), StandardCharsets.UTF_8) + "\n\n");
            }
            write(output, "data: {\"id\":\"" + id + "\",\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n");
            write(output, "data: [DONE]\n\n");
        }
    }

    static void write(OutputStream output, String text) throws IOException {
        output.write(text.getBytes(StandardCharsets.UTF_8));
        output.flush();
    }

    URI url() {
        return url;
    }

    List<Seen> seen() {
        return seen;
    }

    @Override
    public void close() {
        http.close();
    }
}
