package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.engine.settings.EngineOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class ResponsesTest {

    /// Room for descriptions of functions, at one token per byte.
    private static final int CONTEXT = 1024;

    private static final String PATH = "/v1/responses";
    private static final String CHAT = "/v1/chat/completions";
    private static final String TOOL =
            "{\"type\":\"function\",\"name\":\"say\",\"description\":\"Says it.\",\"parameters\":"
                    + "{\"type\":\"object\",\"properties\":{\"loud\":{\"type\":\"boolean\"}},\"required\":[\"loud\"],"
                    + "\"additionalProperties\":false}}";
    private static final String OTHER = "{\"type\":\"function\",\"name\":\"wait\"}";

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

    private static String chatText(String fields) {
        return server.post(CHAT, "{" + fields + "}")
                .succeeds()
                .at("/choices/0/message/content")
                .stringValue();
    }

    @Test
    void aResponseIsWhatChatSays() {
        JsonNode response = server.post(
                        PATH,
                        "{\"model\":\"tiny\",\"input\":\"the sea?\",\"instructions\":\"Be brief.\",\"temperature\":0,"
                                + "\"max_output_tokens\":12,\"metadata\":{\"a\":\"b\"}}")
                .succeeds();
        assertThat(response.get("object").stringValue()).isEqualTo("response");
        assertThat(response.get("id").stringValue()).startsWith("resp_");
        assertThat(response.get("status").stringValue()).isEqualTo("incomplete");
        assertThat(response.at("/incomplete_details/reason").stringValue()).isEqualTo("max_output_tokens");
        assertThat(response.at("/metadata/a").stringValue()).isEqualTo("b");
        assertThat(response.get("instructions").stringValue()).isEqualTo("Be brief.");
        assertThat(response.at("/output/0/content/0/text").stringValue())
                .isEqualTo(chatText("\"messages\":[{\"role\":\"system\",\"content\":\"Be brief.\"},"
                        + "{\"role\":\"user\",\"content\":\"the sea?\"}],\"temperature\":0,\"max_tokens\":12"));
        JsonNode usage = response.get("usage");
        assertThat(usage.get("output_tokens").intValue()).isEqualTo(12);
        assertThat(usage.get("total_tokens").intValue())
                .isEqualTo(12 + usage.get("input_tokens").intValue());
        assertThat(usage.at("/output_tokens_details/reasoning_tokens").isInt()).isTrue();
        assertThat(usage.at("/recursions/mean").doubleValue()).isBetween(1.0, 3.0);
    }

    @Test
    void itemsAreTurnsAndCallsAmongThem() {
        JsonNode response = server.post(
                        PATH,
                        "{\"input\":[{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":"
                                + "\"a\"}]},{\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"say\",\"arguments\":\"{}\"},"
                                + "{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":\"done\"}],"
                                + "\"temperature\":0,\"max_output_tokens\":8}")
                .succeeds();
        assertThat(response.at("/output/0/content/0/text").stringValue())
                .isEqualTo(chatText("\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\","
                        + "\"tool_calls\":[{\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"say\",\"arguments\":"
                        + "\"{}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"done\"}],"
                        + "\"temperature\":0,\"max_tokens\":8"));
    }

    @Test
    void aStreamIsTheSameResponseInNumberedEvents() {
        String fields = "{\"input\":\"the sea?\",\"temperature\":0,\"max_output_tokens\":12";
        JsonNode whole = server.post(PATH, fields + "}").succeeds();
        List<JsonNode> events = events(server.post(PATH, fields + ",\"stream\":true}"));
        List<String> types = events.stream()
                .map(event -> event.get("type").stringValue())
                .distinct()
                .toList();
        assertThat(types)
                .containsExactly(
                        "response.created",
                        "response.in_progress",
                        "response.output_item.added",
                        "response.content_part.added",
                        "response.output_text.delta",
                        "response.output_text.done",
                        "response.content_part.done",
                        "response.output_item.done",
                        "response.incomplete");
        StringBuilder text = new StringBuilder();
        for (int number = 0; number < events.size(); number++) {
            JsonNode event = events.get(number);
            assertThat(event.get("sequence_number").intValue()).isEqualTo(number);
            if (event.get("type").stringValue().endsWith("text.delta")) {
                text.append(event.get("delta").stringValue());
            }
        }
        JsonNode last = events.getLast().get("response");
        assertThat(text.toString())
                .isEqualTo(whole.at("/output/0/content/0/text").stringValue());
        assertThat(last.at("/output/0/content/0/text").stringValue()).isEqualTo(text.toString());
        assertThat(last.at("/usage/output_tokens")).isEqualTo(whole.at("/usage/output_tokens"));
        assertThat(last.propertyNames()).containsExactlyElementsOf(whole.propertyNames());
        assertThat(last.get("id")).isEqualTo(events.getFirst().at("/response/id"));
        assertThat(events.getFirst().at("/response/status").stringValue()).isEqualTo("in_progress");
    }

    private static List<JsonNode> events(TestServer.Answer answer) {
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

    @Test
    void theFormOfATextIsBound() {
        JsonNode response = server.post(
                        PATH,
                        "{\"input\":\"a\",\"text\":{\"format\":{\"type\":\"json_schema\",\"name\":\"x\",\"strict\":true,\"schema\":"
                                + "{\"enum\":[\"yes\",\"no\"]}}}}")
                .succeeds();
        assertThat(response.get("status").stringValue()).isEqualTo("completed");
        assertThat(response.at("/output/0/content/0/text").stringValue()).isIn("\"yes\"", "\"no\"");
    }

    @Test
    void aNamedFunctionIsCalledWithArgumentsOfItsSchema() {
        String fields = "{\"input\":\"a\",\"tools\":[" + TOOL + "," + OTHER
                + "],\"tool_choice\":{\"type\":\"function\",\"name\":\"say\"}";
        JsonNode call = server.post(PATH, fields + "}").succeeds().at("/output/0");
        assertThat(call.get("type").stringValue()).isEqualTo("function_call");
        assertThat(call.get("name").stringValue()).isEqualTo("say");
        assertThat(call.get("call_id").stringValue()).startsWith("call_");
        assertThat(TestServer.parse(call.get("arguments").stringValue())
                        .get("loud")
                        .isBoolean())
                .isTrue();
        List<JsonNode> events = events(server.post(PATH, fields + ",\"stream\":true}"));
        StringBuilder arguments = new StringBuilder();
        events.stream()
                .filter(event -> event.get("type").stringValue().equals("response.function_call_arguments.delta"))
                .forEach(event -> arguments.append(event.get("delta").stringValue()));
        assertThat(TestServer.parse(arguments.toString()).get("loud").isBoolean())
                .isTrue();
        assertThat(events.getLast().get("type").stringValue()).isEqualTo("response.completed");
        assertThat(events.getLast().at("/response/output/0/arguments").stringValue())
                .isEqualTo(arguments.toString());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void chatCallsOneOfTheFunctionsWhereOneIsRequired(boolean stream) {
        String tools = "\"tools\":[{\"type\":\"function\",\"function\":" + TOOL.replace("\"type\":\"function\",", "")
                + "},{\"type\":\"function\",\"function\":{\"name\":\"wait\"}}],\"tool_choice\":\"required\"";
        for (int seed = 0; seed < 6; seed++) {
            TestServer.Answer answer = server.post(
                    CHAT,
                    "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"seed\":" + seed + ",\"stream\":" + stream
                            + "," + tools + "}");
            String name = "";
            StringBuilder arguments = new StringBuilder();
            String reason = "";
            List<JsonNode> pieces = stream
                    ? TestServer.events(answer).stream()
                            .filter(event -> !event.equals("[DONE]"))
                            .map(TestServer::parse)
                            .toList()
                    : List.of(answer.succeeds());
            for (JsonNode piece : pieces) {
                JsonNode choice = piece.at("/choices/0");
                JsonNode call = choice.at((stream ? "/delta" : "/message") + "/tool_calls/0");
                if (call.has("id")) {
                    assertThat(name).isEmpty();
                    name = call.at("/function/name").stringValue();
                }
                arguments.append(call.at("/function/arguments").stringValue(""));
                reason = choice.get("finish_reason").stringValue("");
            }
            assertThat(name).isIn("say", "wait");
            assertThat(reason).isEqualTo("tool_calls");
            JsonNode given = TestServer.parse(arguments.toString());
            assertThat(given.propertyNames())
                    .containsExactlyElementsOf(name.equals("say") ? List.of("loud") : List.of());
        }
    }

    @Test
    void aCallThatIsCutOffSaysSo() {
        JsonNode response = server.post(
                        PATH,
                        "{\"input\":\"a\",\"max_output_tokens\":3,\"tools\":[" + TOOL
                                + "],\"tool_choice\":\"required\"}")
                .succeeds();
        assertThat(response.get("status").stringValue()).isEqualTo("incomplete");
        assertThat(response.at("/output/0/status").stringValue()).isEqualTo("incomplete");
    }

    @Test
    void functionsThatAreNotToBeCalledChangeNothing() {
        String fields = "{\"input\":\"a\",\"temperature\":0,\"max_output_tokens\":8";
        assertThat(server.post(PATH, fields + ",\"tool_choice\":\"none\",\"tools\":[" + TOOL + "]}")
                        .succeeds()
                        .at("/output/0/content/0/text"))
                .isEqualTo(server.post(PATH, fields + "}").succeeds().at("/output/0/content/0/text"));
    }

    @Test
    void theTokensOfAConversationAreCountedBeforeItIsAnswered() {
        String body = "{\"input\":\"the sea?\",\"instructions\":\"Be brief.\",\"tools\":[" + TOOL + "]";
        JsonNode counted = server.post(PATH + "/input_tokens", body + "}").succeeds();
        assertThat(counted.get("object").stringValue()).isEqualTo("response.input_tokens");
        assertThat(counted.get("input_tokens"))
                .isEqualTo(server.post(PATH, body + ",\"max_output_tokens\":3}")
                        .succeeds()
                        .at("/usage/input_tokens"));
        server.post(PATH + "/input_tokens", "{\"input\":7}").isRefused("input", "an array");
        server.post(PATH + "/input_tokens", "{\"input\":\"a\",\"conversation\":\"b\"}")
                .isRefused("conversation", "not supported");
    }

    @Test
    void tokensHaveLogprobsAndDepthsWhereTheyAreWanted() {
        String fields = "{\"input\":\"a\",\"max_output_tokens\":6,\"temperature\":0,\"top_logprobs\":2,"
                + "\"return_depths\":true";
        JsonNode response = server.post(PATH, fields + "}").succeeds();
        JsonNode logprobs = response.at("/output/0/content/0/logprobs");
        JsonNode chat = server.post(
                        CHAT,
                        "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"max_tokens\":6,\"temperature\":0,"
                                + "\"logprobs\":true,\"top_logprobs\":2,\"return_depths\":true}")
                .succeeds();
        assertThat(logprobs).isEqualTo(chat.at("/choices/0/logprobs/content"));
        assertThat(response.get("depths")).isEqualTo(chat.at("/choices/0/depths"));
        List<JsonNode> events = events(server.post(PATH, fields + ",\"stream\":true}"));
        List<JsonNode> streamed = events.stream()
                .filter(event -> event.get("type").stringValue().equals("response.output_text.delta"))
                .flatMap(event -> event.get("logprobs").values().stream())
                .toList();
        assertThat(streamed).containsExactlyElementsOf(logprobs.values());
        assertThat(events.getLast().at("/response/depths")).isEqualTo(response.get("depths"));
    }

    @Test
    void theOldestTurnsAreDroppedWhereThatIsAskedFor() {
        String turn = "{\"role\":\"user\",\"content\":\"" + "a ".repeat(CONTEXT / 2) + "\"}";
        String fields = "{\"input\":[" + turn + "," + turn + ",{\"role\":\"user\",\"content\":\"b\"}],"
                + "\"max_output_tokens\":2,\"temperature\":0";
        server.post(PATH, fields + "}").isRefused("input", "no room");
        JsonNode dropped =
                server.post(PATH, fields + ",\"truncation\":\"auto\"}").succeeds();
        assertThat(dropped.get("truncation").stringValue()).isEqualTo("auto");
        assertThat(dropped.at("/usage/input_tokens").intValue()).isPositive().isLessThan(CONTEXT);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {}                                                            | input       | non-empty
            {"input":[]}                                                  | input       | non-empty
            {"input":7}                                                   | input       | an array
            {"input":[{"role":"user"}]}                                   | input       | content
            {"input":[{"type":"item_reference","id":"a"}]}                | input       | item_reference
            {"input":[{"type":"function_call_output"}]}                   | input       | an output
            {"input":[{"type":"function_call_output","call_id":"c","output":"b"}]} | input | must follow the call
            {"input":"a","top_logprobs":21}                               | top_logprobs | from 0 to 20
            {"input":"a","temperature":2.1}                               | temperature | from 0 to 2
            {"input":"a","previous_response_id":"resp_1"}                 | previous_response_id | not supported
            {"input":"a","background":true}                               | background  | not supported
            {"input":"a","truncation":"some"}                             | truncation  | disabled
            {"input":"a","max_output_tokens":0}                           | max_output_tokens | from 1 to
            {"input":"a","max_output_tokens":9999}                        | max_output_tokens | context is 1024
            {"input":"a","tools":[{"type":"web_search"}]}                 | tools       | web_search
            {"input":"a","tools":[{"type":"function","name":"a b"}]}      | tools       | a b
            {"input":"a","tools":[{"type":"function","name":"a"}],"tool_choice":"any"} | tool_choice | none, auto, required
            {"input":"a","tools":[{"type":"function","name":"a"}],"parallel_tool_calls":3} | parallel_tool_calls | true or false
            {"input":"a","tool_choice":"required"}                        | tool_choice | without tools
            {"input":"a","tools":[{"type":"function","name":"a"}],"tool_choice":{"type":"function","name":"b"}} | tool_choice | one of the tools
            {"input":"a","tools":[{"type":"function","name":"a","strict":true,"parameters":{"not":{}}}],"tool_choice":"required"} | tools | not is not supported
            """)
    void whatCannotBeDoneIsRefused(String body, String param, String fragment) {
        server.post(PATH, body).isRefused(param, fragment);
    }
}
