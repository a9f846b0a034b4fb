package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.server.TestServer.Answer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/// Anthropic's form of conversations.
class MessagesTest {

    /// Room for descriptions of functions, at one token per byte.
    private static final int CONTEXT = 1024;

    private static final String PATH = "/v1/messages";
    private static final String CHAT = "/v1/chat/completions";
    private static final String ASKED = "\"messages\":[{\"role\":\"user\",\"content\":\"the sea?\"}]";
    private static final String TOOLS = ",\"tools\":[{\"name\":\"say\",\"description\":\"Says it.\",\"input_schema\":"
            + "{\"type\":\"object\",\"properties\":{\"loud\":{\"type\":\"boolean\"}},\"required\":[\"loud\"],"
            + "\"additionalProperties\":false}},{\"type\":\"custom\",\"name\":\"wait\"}]";

    @TempDir
    private static Path folder;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.in(
                folder, CONTEXT, EngineOptions.builder().threads(1).build(), options -> options);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static JsonNode message(String fields) {
        return server.post(PATH, "{" + fields + "}").succeeds();
    }

    private static String chatText(String fields) {
        return server.post(CHAT, "{" + fields + ",\"temperature\":0}")
                .succeeds()
                .at("/choices/0/message/content")
                .stringValue();
    }

    /// The events of a stream, whose names are their types.
    private static List<JsonNode> events(Answer answer) {
        List<JsonNode> events = new ArrayList<>();
        String name = "";
        for (String line : answer.raw().body().lines().toList()) {
            if (line.startsWith("event: ")) {
                name = line.substring("event: ".length());
            } else if (line.startsWith("data: ")) {
                JsonNode event = TestServer.parse(line.substring("data: ".length()));
                assertThat(event.get("type").stringValue()).isEqualTo(name);
                events.add(event);
            }
        }
        return events;
    }

    private static String deltas(List<JsonNode> events, String field) {
        return events.stream()
                .filter(event -> event.get("type").stringValue().equals("content_block_delta"))
                .map(event -> event.get("delta").get(field).stringValue())
                .collect(Collectors.joining());
    }

    private static List<String> types(List<JsonNode> events) {
        return events.stream()
                .map(event -> event.get("type").stringValue())
                .distinct()
                .toList();
    }

    @Test
    void aMessageIsWhatChatSays() {
        Answer answer = server.post(
                PATH,
                "{\"model\":\"tiny\"," + ASKED + ",\"system\":[{\"type\":\"text\",\"text\":\"Be brief.\","
                        + "\"cache_control\":{\"type\":\"ephemeral\"}}],\"max_tokens\":12,\"temperature\":0,"
                        + "\"metadata\":{\"user_id\":\"me\"},\"thinking\":{\"type\":\"disabled\"}}",
                "anthropic-version",
                "2023-06-01");
        JsonNode message = answer.succeeds();

        assertThat(answer.raw().headers().firstValue("request-id")).isPresent();
        assertThat(message.get("id").stringValue()).startsWith("msg_");
        assertThat(message.get("type").stringValue()).isEqualTo("message");
        assertThat(message.get("role").stringValue()).isEqualTo("assistant");
        assertThat(message.get("stop_reason").stringValue()).isEqualTo("max_tokens");
        assertThat(message.get("stop_sequence").isNull()).isTrue();
        assertThat(message.at("/content/0/type").stringValue()).isEqualTo("text");
        assertThat(message.at("/content/0/text").stringValue())
                .isEqualTo(chatText("\"messages\":[{\"role\":\"system\",\"content\":\"Be brief.\"},"
                        + "{\"role\":\"user\",\"content\":\"the sea?\"}],\"max_tokens\":12"));
        JsonNode usage = message.get("usage");
        assertThat(usage.get("output_tokens").intValue()).isEqualTo(12);
        int prompt = usage.get("input_tokens").intValue()
                + usage.get("cache_read_input_tokens").intValue();
        assertThat(message(ASKED + ",\"system\":\"Be brief.\",\"max_tokens\":1")
                        .at("/usage/cache_read_input_tokens")
                        .intValue())
                .isPositive();
        assertThat(server.post(PATH + "/count_tokens", "{" + ASKED + ",\"system\":\"Be brief.\"}")
                        .succeeds()
                        .get("input_tokens")
                        .intValue())
                .isEqualTo(prompt);
        assertThat(usage.at("/recursions/mean").doubleValue()).isBetween(1.0, 3.0);
    }

    @Test
    void callsAndTheirResultsAreTurns() {
        String blocks = "\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":["
                + "{\"type\":\"thinking\",\"thinking\":\"so\",\"signature\":\"x\"},{\"type\":\"text\",\"text\":\"well\"},"
                + "{\"type\":\"tool_use\",\"id\":\"c\",\"name\":\"say\",\"input\":{\"loud\":true}}]},"
                + "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"c\",\"content\":["
                + "{\"type\":\"text\",\"text\":\"done\"}]},{\"type\":\"text\",\"text\":\"b\"}]}]";
        assertThat(message(blocks + ",\"max_tokens\":8,\"temperature\":0")
                        .at("/content/0/text")
                        .stringValue())
                .isEqualTo(chatText("\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\","
                        + "\"content\":\"well\",\"tool_calls\":[{\"id\":\"c\",\"type\":\"function\",\"function\":"
                        + "{\"name\":\"say\",\"arguments\":\"{\\\"loud\\\":true}\"}}]},{\"role\":\"tool\","
                        + "\"tool_call_id\":\"c\",\"content\":\"done\"},{\"role\":\"user\",\"content\":\"b\"}],"
                        + "\"max_tokens\":8"));
    }

    @Test
    void aStreamIsTheSameMessageInEvents() {
        String fields = "{" + ASKED + ",\"max_tokens\":12,\"temperature\":0";
        JsonNode whole = server.post(PATH, fields + "}").succeeds();
        List<JsonNode> events = events(server.post(PATH, fields + ",\"stream\":true}"));

        assertThat(types(events))
                .containsExactly(
                        "message_start",
                        "content_block_start",
                        "content_block_delta",
                        "content_block_stop",
                        "message_delta",
                        "message_stop");
        JsonNode start = events.getFirst().get("message");
        assertThat(start.propertyNames()).containsExactlyElementsOf(whole.propertyNames());
        assertThat(start.at("/usage/input_tokens").intValue()).isPositive();
        for (String count : List.of("input_tokens", "cache_read_input_tokens")) {
            assertThat(start.at("/usage/" + count))
                    .isEqualTo(events.get(events.size() - 2).at("/usage/" + count));
        }
        assertThat(start.at("/usage/cache_read_input_tokens").intValue()).isPositive();
        assertThat(start.get("stop_reason").isNull()).isTrue();
        assertThat(deltas(events, "text")).isEqualTo(whole.at("/content/0/text").stringValue());
        JsonNode end = events.get(events.size() - 2);
        assertThat(end.at("/delta/stop_reason")).isEqualTo(whole.get("stop_reason"));
        assertThat(end.at("/usage/output_tokens")).isEqualTo(whole.at("/usage/output_tokens"));
    }

    @Test
    void aFunctionIsCalledAsItsSchemaHasIt() {
        String fields = "{" + ASKED + TOOLS + ",\"max_tokens\":60,\"temperature\":0,\"tool_choice\":{\"type\":\"tool\","
                + "\"name\":\"say\"}";
        JsonNode whole = server.post(PATH, fields + "}").succeeds();
        assertThat(whole.get("stop_reason").stringValue()).isEqualTo("tool_use");
        JsonNode call = whole.at("/content/0");
        assertThat(call.get("type").stringValue()).isEqualTo("tool_use");
        assertThat(call.get("id").stringValue()).startsWith("toolu_");
        assertThat(call.get("name").stringValue()).isEqualTo("say");
        assertThat(call.get("input").get("loud").isBoolean()).isTrue();

        List<JsonNode> events = events(server.post(PATH, fields + ",\"stream\":true}"));
        JsonNode block = events.get(1).get("content_block");
        assertThat(block.get("name").stringValue()).isEqualTo("say");
        assertThat(block.get("input").isEmpty()).isTrue();
        assertThat(TestServer.parse(deltas(events, "partial_json"))).isEqualTo(call.get("input"));
        assertThat(events.get(events.size() - 2).at("/delta/stop_reason").stringValue())
                .isEqualTo("tool_use");
    }

    @Test
    void anyFunctionMustAndNoneMayBeCalled() {
        String fields = ASKED + TOOLS + ",\"max_tokens\":60,\"temperature\":0,\"tool_choice\":{\"type\":";
        assertThat(message(fields + "\"any\"}").at("/content/0/name").stringValue())
                .isIn("say", "wait");
        assertThat(message(fields + "\"none\"}").at("/content/0/type").stringValue())
                .isEqualTo("text");
        assertThat(message(fields + "\"auto\"}").at("/content/0/type").stringValue())
                .isIn("text", "tool_use");
    }

    @Test
    void whatEndsAnAnswerIsNamed() {
        String whole = message(ASKED + ",\"max_tokens\":12,\"temperature\":0")
                .at("/content/0/text")
                .stringValue();
        String stop = whole.substring(whole.offsetByCodePoints(0, 1), whole.offsetByCodePoints(0, 2));
        JsonNode stops = TestServer.parse("[\"never\"]");
        ((ArrayNode) stops).add(stop);
        JsonNode cut = message(ASKED + ",\"max_tokens\":12,\"temperature\":0,\"stop_sequences\":" + stops);
        assertThat(cut.get("stop_reason").stringValue()).isEqualTo("stop_sequence");
        assertThat(cut.get("stop_sequence").stringValue()).isEqualTo(stop);
        assertThat(cut.at("/content/0/text").stringValue()).isEqualTo(whole.substring(0, whole.indexOf(stop)));
    }

    @Test
    void anAnswerMayFillTheContext() {
        JsonNode filled = message(ASKED + ",\"max_tokens\":32000,\"ignore_eos\":true,\"logit_bias\":{\"65\":100}");
        assertThat(filled.get("stop_reason").stringValue()).isEqualTo("model_context_window_exceeded");
        JsonNode usage = filled.get("usage");
        assertThat(usage.get("output_tokens").intValue()
                        + usage.get("input_tokens").intValue()
                        + usage.get("cache_read_input_tokens").intValue())
                .isEqualTo(CONTEXT);
    }

    @Test
    void aSchemaBindsTheAnswer() {
        assertThat(message(ASKED
                                + ",\"max_tokens\":20,\"output_config\":{\"format\":{\"type\":\"json_schema\",\"schema\":"
                                + "{\"type\":\"boolean\"}}}")
                        .at("/content/0/text")
                        .stringValue())
                .isIn("true", "false");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "messages":[{"role":"user","content":"a"}]                                     | max_tokens is required
            "max_tokens":1                                                                 | a non-empty array
            "max_tokens":1,"messages":[{"role":"assistant","content":"a"}]                 | the last message must be the user's
            "max_tokens":1,"messages":[{"role":"user","content":[{"type":"image"}]}]       | got image
            "max_tokens":1,"messages":[{"role":"user","content":"a"}],"top_p":2            | from 0 to 1
            "max_tokens":1,"messages":[{"role":"user","content":"a"}],"temperature":1.1      | from 0 to 1
            "max_tokens":1,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"c"}]}] | must follow the call
            "max_tokens":1,"messages":[{"role":"user","content":"a"}],"tools":[{"type":"bash_20250124","name":"bash"}] | type custom
            "max_tokens":1,"messages":[{"role":"user","content":"a"}],"mcp_servers":[{"url":"a"}] | not supported
            """)
    void whatIsImpossibleIsRefusedInAnthropicsWords(String fields, String fragment) {
        Answer answer = server.post(PATH, "{" + fields + "}");
        assertThat(answer.status()).isEqualTo(400);
        JsonNode error = answer.json();
        assertThat(error.propertyNames()).containsExactly("type", "error", "request_id");
        assertThat(error.get("type").stringValue()).isEqualTo("error");
        assertThat(error.at("/error/type").stringValue()).isEqualTo("invalid_request_error");
        assertThat(error.at("/error/message").stringValue()).contains(fragment);
        assertThat(error.get("request_id").stringValue())
                .isEqualTo(answer.raw().headers().firstValue("X-Request-Id").orElseThrow());
    }

    /// Its newest clients then send all that was said, where they would have sent the last turn alone.
    @Test
    void aConversationThatTheServerIsToKeepIsRefusedSoThatClientsGoOnWithout() {
        Answer answer = server.post(
                PATH,
                "{\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"thread\":{\"type\":\"create\"}}");
        assertThat(answer.status()).isEqualTo(400);
        JsonNode details = answer.json().at("/error/details");
        assertThat(details.get("error_code").stringValue()).isEqualTo("thread_unsupported_request");
        assertThat(details.at("/unsupported/0").stringValue()).isEqualTo("thread");
    }

    @Test
    void anotherModelIsNotFound() {
        Answer answer = server.post(PATH, "{\"model\":\"claude-9\"," + ASKED + ",\"max_tokens\":1}");
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.json().at("/error/type").stringValue()).isEqualTo("not_found_error");
    }

    @Test
    void theListOfModelsHasWhatItsClientsLookFor() {
        JsonNode models = server.get("/v1/models").succeeds();
        assertThat(models.get("has_more").booleanValue()).isFalse();
        assertThat(models.at("/data/0/display_name").stringValue()).isEqualTo("tiny");
        assertThat(models.get("last_id")).isEqualTo(models.at("/data/0/id"));
    }
}
