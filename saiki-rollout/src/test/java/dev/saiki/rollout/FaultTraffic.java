package dev.saiki.rollout;

import dev.saiki.http.Exchange;
import dev.saiki.http.Json;
import dev.saiki.http.key.ApiKeys;
import dev.saiki.io.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Requests of every kind, each with one right answer, and endpoints that give it. Each number is a conversation: half
/// are streams, 1 in 6 has tools, 1 in 25 is Japanese, 1 in 10 long, 1 in 10 has a system message, and 1 in 10 comes
/// from a second tenant. Half have a second turn.
final class FaultTraffic {

    static final String SYSTEM = "Close each answer with the word Over.";
    static final String STOP = " STOP";
    static final String JAPANESE = "次の質問に答えてください。";

    private static final Pattern NUMBER = Pattern.compile("([0-9]+)");
    private static final String LONG = "Here is a long story that must be read first. ".repeat(100);
    private static final int BYTES_A_TOKEN = 4;

    private FaultTraffic() {}

    /// The keys of both tenants.
    static ApiKeys keys() {
        return ApiKeys.parse(List.of(line("many"), line("few")), "keys");
    }

    private static String line(String name) {
        return name + " " + Sha256.hex(key(name).getBytes(StandardCharsets.UTF_8)) + " operator";
    }

    private static String key(String name) {
        return "key-" + name;
    }

    static String keyOf(int number) {
        return key(number % 10 == 9 ? "few" : "many");
    }

    static boolean isOfFewTenant(int number) {
        return number % 10 == 9;
    }

    static boolean hasSecondTurn(int number) {
        return number % 4 < 2;
    }

    /// The first request of a conversation.
    static ObjectNode request(int number) {
        boolean hasTools = number % 6 == 1;
        ObjectNode body = Json.object()
                .put("model", "assistant")
                .put("stream", number % 2 == 0)
                .put("stop", STOP);
        body.putObject("stream_options").put("include_usage", true);
        ArrayNode messages = body.putArray("messages");
        if (number % 10 == 6) {
            messages.addObject().put("role", "system").put("content", SYSTEM);
        }
        String question = number % 25 == 7 ? JAPANESE + number : "Tell me about number " + number;
        messages.addObject().put("role", "user").put("content", (number % 10 == 3 ? LONG : "") + question);
        if (hasTools) {
            body.putArray("tools")
                    .addObject()
                    .put("type", "function")
                    .putObject("function")
                    .put("name", "look");
        }
        return body;
    }

    /// The second request of a conversation.
    static ObjectNode secondTurn(int number) {
        ObjectNode body = request(number);
        body.remove("tools");
        body.withArray("messages").addObject().put("role", "assistant").put("content", "It is known.");
        body.withArray("messages")
                .addObject()
                .put("role", "user")
                .put("content", (isJapanese(body) ? JAPANESE : "What else about number ") + number);
        return body;
    }

    static String user(JsonNode body) {
        JsonNode messages = body.path("messages");
        return messages.path(messages.size() - 1).path("content").asString("");
    }

    static boolean isJapanese(JsonNode body) {
        return body.path("messages").toString().contains(JAPANESE);
    }

    static boolean isLong(JsonNode body) {
        return body.path("messages").toString().contains(LONG);
    }

    static boolean hasSystem(JsonNode body) {
        return body.path("messages").path(0).path("role").asString("").equals("system");
    }

    static boolean isSecondTurn(JsonNode body) {
        return body.path("messages")
                .valueStream()
                .anyMatch(message -> message.path("role").asString("").equals("assistant"));
    }

    static int number(JsonNode body) {
        Matcher found = NUMBER.matcher(user(body));
        return found.find() ? Integer.parseInt(found.group(1)) : 0;
    }

    /// The only right text.
    static String right(JsonNode body) {
        return text(body, number(body), hasSystem(body));
    }

    /// The text for a number.
    static String text(JsonNode body, int number, boolean isClosed) {
        String turn = isSecondTurn(body) ? "second" : "first";
        return isJapanese(body)
                ? "番号は" + number + "についての答えです、" + turn
                : "This is the " + turn + " thing to know about " + number + (isClosed ? ", and no more. Over." : ".");
    }

    /// Answers as asked: with a call if there are tools, else with the right text.
    static void answer(Exchange exchange, JsonNode body) throws IOException {
        if (body.path("tools").isEmpty()) {
            say(exchange, body, right(body), 1);
        } else {
            call(exchange, body, "look", "{\"at\":" + number(body) + "}");
        }
    }

    /// Answers with a text.
    ///
    /// @param factor the factor by which the reported numbers of tokens are too large
    static void say(Exchange exchange, JsonNode body, String text, int factor) throws IOException {
        if (body.path("stream").asBoolean(false)) {
            stream(exchange, body, List.of(text), Duration.ZERO, factor);
            return;
        }
        ObjectNode answer = Json.object().put("id", "whole");
        ObjectNode choice = answer.putArray("choices").addObject();
        choice.putObject("message").put("role", "assistant").put("content", text);
        choice.put("finish_reason", "stop");
        answer.set("usage", usage(body, text, factor));
        exchange.send(200, Json.CONTENT_TYPE, Json.bytes(answer));
    }

    private static ObjectNode usage(JsonNode body, String text, int factor) {
        return Json.object()
                .put("prompt_tokens", factor * tokens(body.path("messages").toString()))
                .put("completion_tokens", factor * tokens(text));
    }

    private static int tokens(String text) {
        return 1 + text.getBytes(StandardCharsets.UTF_8).length / BYTES_A_TOKEN;
    }

    /// Streams a text in pieces.
    ///
    /// @param pause the pause before each piece but the first one
    static void stream(Exchange exchange, JsonNode body, List<String> pieces, Duration pause, int factor)
            throws IOException {
        try (OutputStream output = exchange.stream("text/event-stream")) {
            for (int i = 0; i < pieces.size(); i++) {
                if (i > 0) {
                    sleep(pause);
                }
                ObjectNode event = Json.object().put("id", "stream");
                event.putArray("choices").addObject().putObject("delta").put("content", pieces.get(i));
                write(output, event);
            }
            ObjectNode end = Json.object().put("id", "stream");
            end.putArray("choices").addObject().put("finish_reason", "stop").putObject("delta");
            write(output, end);
            ObjectNode last = Json.object().put("id", "stream");
            last.putArray("choices");
            last.set("usage", usage(body, String.join("", pieces), factor));
            write(output, last);
            ScriptedEndpoint.write(output, "data: [DONE]\n\n");
        }
    }

    private static void write(OutputStream output, ObjectNode event) throws IOException {
        ScriptedEndpoint.write(output, "data: " + new String(Json.bytes(event), StandardCharsets.UTF_8) + "\n\n");
    }

    /// Answers with a call of a function.
    static void call(Exchange exchange, JsonNode body, String name, String arguments) {
        ObjectNode answer = Json.object().put("id", "call");
        ObjectNode choice = answer.putArray("choices").addObject();
        choice.putObject("message")
                .putArray("tool_calls")
                .addObject()
                .putObject("function")
                .put("name", name)
                .put("arguments", arguments);
        choice.put("finish_reason", "tool_calls");
        answer.set("usage", usage(body, name + arguments, 1));
        exchange.send(200, Json.CONTENT_TYPE, Json.bytes(answer));
    }

    static void sleep(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
