package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.engine.settings.EngineOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Requests that let the model decide whether to call a function. The model has random weights; a bias makes it
/// generate little but the beginning of calls, so that some answers are calls by chance.
class ToolChoiceTest {

    private static final String CHAT = "/v1/chat/completions";
    private static final int SEEDS = 60;
    private static final String PARAMETERS = "{\"type\":\"object\",\"properties\":{\"loud\":{\"type\":\"boolean\"}},"
            + "\"required\":[\"loud\"],\"additionalProperties\":false}";
    private static final String TOOLS =
            "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"q\",\"parameters\":" + PARAMETERS
                    + "}},{\"type\":\"function\",\"function\":{\"name\":\"qq\",\"parameters\":" + PARAMETERS + "}}]";
    private static final String BIAS = Arrays.stream(TestServer.TOKENIZER.encode("q {z"))
            .distinct()
            .mapToObj(id -> "\"" + id + "\":100")
            .collect(Collectors.joining(",", "\"logit_bias\":{", "}"));
    private static final String ASKED = "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"max_tokens\":40,"
            + "\"temperature\":2," + BIAS + "," + TOOLS;

    @TempDir
    private static Path folder;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.in(folder, 1024, EngineOptions.builder().threads(1).build(), options -> options);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static boolean isCall(String text) {
        return text.matches("(?s) ?qq? \\{.*");
    }

    private static void requireCall(JsonNode call, String arguments) {
        assertThat(call.at("/function/name").stringValue()).isIn("q", "qq");
        assertThat(call.get("id").stringValue()).startsWith("call_");
        assertThat(TestServer.parse(arguments).get("loud").isBoolean()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",\"tool_choice\":\"auto\"", ",\"tool_choice\":\"auto\",\"parallel_tool_calls\":false"})
    void anAnswerIsATextOrACall(String choice) {
        int calls = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            JsonNode answer = server.post(CHAT, ASKED + choice + ",\"seed\":" + seed + "}")
                    .succeeds()
                    .at("/choices/0");
            JsonNode message = answer.get("message");
            if (message.has("tool_calls")) {
                calls++;
                assertThat(message.get("tool_calls")).hasSize(1);
                assertThat(message.get("content").isNull()).isTrue();
                assertThat(answer.get("finish_reason").stringValue()).isEqualTo("tool_calls");
                JsonNode call = message.at("/tool_calls/0");
                requireCall(call, call.at("/function/arguments").stringValue());
            } else {
                assertThat(isCall(message.get("content").stringValue())).isFalse();
                assertThat(answer.get("finish_reason").stringValue()).isIn("stop", "length");
            }
        }
        assertThat(calls).isBetween(1, SEEDS - 1);
    }

    @Test
    void aStreamIsTheSameAnswerAndNoPieceOfACallIsTold() {
        int calls = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            String asked = ASKED + ",\"seed\":" + seed;
            JsonNode whole = server.post(CHAT, asked + "}").succeeds().at("/choices/0");
            StringBuilder content = new StringBuilder();
            StringBuilder arguments = new StringBuilder();
            List<JsonNode> begun = new ArrayList<>();
            String reason = "";
            for (String event : TestServer.events(server.post(CHAT, asked + ",\"stream\":true}"))) {
                if (event.equals("[DONE]")) {
                    continue;
                }
                JsonNode choice = TestServer.parse(event).at("/choices/0");
                content.append(choice.at("/delta/content").stringValue(""));
                JsonNode call = choice.at("/delta/tool_calls/0");
                if (call.has("id")) {
                    begun.add(call);
                }
                arguments.append(call.at("/function/arguments").stringValue(""));
                reason = choice.get("finish_reason").stringValue(reason);
            }
            assertThat(reason).isEqualTo(whole.get("finish_reason").stringValue());
            if (whole.get("message").has("tool_calls")) {
                calls++;
                assertThat(content).isEmpty();
                assertThat(begun).hasSize(1);
                requireCall(begun.getFirst(), arguments.toString());
                assertThat(arguments.toString())
                        .isEqualTo(whole.at("/message/tool_calls/0/function/arguments")
                                .stringValue());
            } else {
                assertThat(begun).isEmpty();
                assertThat(content.toString())
                        .isEqualTo(whole.at("/message/content").stringValue());
            }
        }
        assertThat(calls).isBetween(1, SEEDS - 1);
    }

    @Test
    void thePromptIsTokenizedWithTheFunctionsThatAreShown() {
        JsonNode answer = server.post(CHAT, ASKED + "}").succeeds();
        JsonNode tokens = server.post("/tokenize", ASKED + "}").succeeds();
        assertThat(tokens.get("count")).isEqualTo(answer.at("/usage/prompt_tokens"));
        server.post("/tokenize", ASKED + ",\"add_generation_prompt\":false}")
                .isRefused("add_generation_prompt", "must be true");
    }

    /// Clients append what comes to what was there, and nothing can be appended to nothing.
    @Test
    void anAnswerThatMayBeTextBeginsAsText() {
        JsonNode first = TestServer.parse(TestServer.events(server.post(CHAT, ASKED + ",\"stream\":true}"))
                .getFirst());
        assertThat(first.at("/choices/0/delta/content").stringValue()).isEmpty();
    }

    /// Only `strict` promises that arguments satisfy the whole schema.
    @Test
    void aSchemaThatCannotBeFollowedInAllBindsAsFarAsItCan() {
        String asked =
                "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"tool_choice\":\"required\",\"tools\":[{\"type\":"
                        + "\"function\",\"function\":{\"name\":\"age\",STRICT\"parameters\":{\"type\":\"object\",\"properties\":{"
                        + "\"old\":{\"type\":\"boolean\"},\"n\":{\"enum\":[7],\"not\":{}}},\"required\":[\"old\",\"n\"]}}}]}";
        JsonNode call = server.post(CHAT, asked.replace("STRICT", ""))
                .succeeds()
                .at("/choices/0/message/tool_calls/0/function");
        JsonNode arguments = TestServer.parse(call.get("arguments").stringValue());
        assertThat(arguments.get("old").isBoolean()).isTrue();
        assertThat(arguments.get("n").intValue()).isEqualTo(7);
        server.post(CHAT, asked.replace("STRICT", "\"strict\":true,")).isRefused("tools", "not is not supported");
    }

    @Test
    void whatCouldHaveBecomeACallIsTextWhenTheAnswerEnds() {
        int id = TestServer.TOKENIZER.encode("q")[0];
        String asked = "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"max_tokens\":1,\"logit_bias\":{\"" + id
                + "\":100}," + TOOLS;
        JsonNode whole = server.post(CHAT, asked + "}").succeeds().at("/choices/0");
        assertThat(whole.at("/message/content").stringValue()).isEqualTo("q");
        assertThat(whole.get("finish_reason").stringValue()).isEqualTo("length");
        String streamed = TestServer.events(server.post(CHAT, asked + ",\"stream\":true}")).stream()
                .filter(event -> !event.equals("[DONE]"))
                .map(event ->
                        TestServer.parse(event).at("/choices/0/delta/content").stringValue(""))
                .collect(Collectors.joining());
        assertThat(streamed).isEqualTo("q");
    }

    @Test
    void responsesLeaveItToTheModelToo() {
        String tools = "\"tools\":[{\"type\":\"function\",\"name\":\"q\",\"parameters\":" + PARAMETERS + "}]";
        int calls = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            String asked = "{\"input\":\"a\",\"max_output_tokens\":40,\"temperature\":2,\"seed\":" + seed + "," + BIAS
                    + "," + tools;
            JsonNode whole = server.post("/v1/responses", asked + "}").succeeds();
            assertThat(whole.get("tool_choice").stringValue()).isEqualTo("auto");
            JsonNode item = whole.at("/output/0");
            String streamed = server.post("/v1/responses", asked + ",\"stream\":true}")
                    .raw()
                    .body()
                    .lines()
                    .filter(line -> line.startsWith("data: "))
                    .reduce("", (_, line) -> line);
            JsonNode last =
                    TestServer.parse(streamed.substring("data: ".length())).at("/response/output/0");
            assertThat(last.get("type")).isEqualTo(item.get("type"));
            if (item.get("type").stringValue().equals("function_call")) {
                calls++;
                assertThat(TestServer.parse(item.get("arguments").stringValue())
                                .get("loud")
                                .isBoolean())
                        .isTrue();
                assertThat(last.get("arguments")).isEqualTo(item.get("arguments"));
            } else {
                assertThat(last.at("/content/0/text")).isEqualTo(item.at("/content/0/text"));
            }
        }
        assertThat(calls).isBetween(1, SEEDS - 1);
    }

    @Test
    void anAnswerHasOneForm() {
        server.post(CHAT, ASKED + ",\"response_format\":{\"type\":\"json_object\"}}")
                .isRefused("tools", "cannot be combined");
        server.post(CHAT, ASKED + ",\"tool_choice\":\"perhaps\"}").isRefused("tool_choice", "none, auto, required");
        server.post(CHAT, ASKED + ",\"parallel_tool_calls\":1}").isRefused("parallel_tool_calls", "true or false");
    }
}
