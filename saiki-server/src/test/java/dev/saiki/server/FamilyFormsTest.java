package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.chat.ChatFormat;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The output of models of well-known families, in their own forms, as clients receive it: thoughts, text and
/// calls, complete and streamed, in the three protocols.
class FamilyFormsTest {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String CHAT = "/v1/chat/completions";
    private static final Path PUBLISHED = Path.of("..", "golden", "templates", "published");
    private static final String PLACE = "{\"type\":\"object\",\"properties\":{\"sunny\":{\"type\":\"boolean\"}},"
            + "\"required\":[\"sunny\"],\"additionalProperties\":false}";
    private static final String MESSAGES = "\"messages\":[{\"role\":\"user\",\"content\":\"Well?\"}],\"temperature\":0";
    private static final List<String> THOUGHT_AND_CALLS = List.of(
            "<think>",
            "\nthe sea",
            " is\n",
            "</think>",
            "\n\nI look",
            " it up.",
            "\n<tool_call>\n{\"name\": \"weather\", \"argu",
            "ments\": {\"place\":  \"Osaka\"}}\n</tool_",
            "call>",
            "\n<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>");
    private static final String CALL = "{\"name\": \"weather\", \"arguments\": {\"place\": \"Osaka\"}}";

    @TempDir
    private Path folder;

    /// A family, described by its form of calls.
    @SuppressWarnings("ImmutableEnumChecker") // Lists that nobody can change.
    enum Family {
        QWEN(
                "Qwen-Qwen3-0.6B.jinja",
                "",
                List.of("<|im_start|>", "<|im_end|>", "<think>", "</think>", "<tool_call>", "</tool_call>"),
                "assistant\n",
                "<tool_call>\n{\"name\": \"weather\", \"arguments\":"),
        MISTRAL(
                "mistralai-Mistral-Nemo-Instruct-2407.jinja",
                "",
                List.of("<s>", "</s>", "[INST]", "[/INST]", "[TOOL_CALLS]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]"),
                "[/INST]",
                "[TOOL_CALLS][{\"name\": \"weather\", \"arguments\":"),
        NEWER_MISTRAL(
                "",
                "{% if tools %}[AVAILABLE_TOOLS]{{ tools | tojson }}[/AVAILABLE_TOOLS]{% endif %}"
                        + "{% for m in messages %}{% if m.role == 'user' %}[INST]{{ m.content }}[/INST]"
                        + "{% elif m.tool_calls %}{% for c in m.tool_calls %}[TOOL_CALLS]{{ c.function.name }}[ARGS]"
                        + "{{ c.function.arguments | tojson }}{% endfor %}</s>{% elif m.role == 'tool' %}"
                        + "[TOOL_RESULTS]{{ m.content }}[/TOOL_RESULTS]{% else %}{{ m.content }}</s>{% endif %}"
                        + "{% endfor %}",
                List.of("<s>", "</s>", "[INST]", "[/INST]", "[TOOL_CALLS]", "[ARGS]"),
                "[/INST]",
                "[TOOL_CALLS]weather[ARGS]"),
        LLAMA(
                "",
                "{% for m in messages %}{{ '<|start_header_id|>' + m.role + '<|end_header_id|>\\n\\n' }}"
                        + "{% if m.tool_calls %}{% set call = m.tool_calls[0].function %}"
                        + "{{ '{\"name\": \"' + call.name + '\", \"parameters\": ' + (call.arguments | tojson) + '}' }}"
                        + "{% else %}{% if loop.first and tools %}{{ tools | tojson }}{% endif %}{{ m.content }}"
                        + "{% endif %}<|eot_id|>{% endfor %}"
                        + "{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}",
                List.of("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|python_tag|>"),
                "\n\n",
                "{\"name\": \"weather\", \"parameters\":");

        private final String file;
        private final String own;
        private final List<String> tokens;
        private final String promptEnd;
        private final String opening;

        Family(String file, String own, List<String> tokens, String promptEnd, String opening) {
            this.file = file;
            this.own = own;
            this.tokens = tokens;
            this.promptEnd = promptEnd;
            this.opening = opening;
        }

        String template() throws IOException {
            return file.isEmpty() ? own : Files.readString(PUBLISHED.resolve(file));
        }

        /// The end of text that the checkpoint names; where it is another token, the template tells what
        /// ends a turn.
        String ownEnd() {
            return this == MISTRAL ? end() : "<|endoftext|>";
        }

        /// The token that ends an answer.
        String end() {
            return tokens.get(this == LLAMA ? 2 : 1);
        }
    }

    private TestServer serve(Family family, List<String> script) throws IOException {
        Path model = folder.resolve("model");
        List<String> ended = new ArrayList<>(script);
        ended.add(family.end());
        ScriptedModel.write(model, family.tokens, family.promptEnd, ended);
        ObjectNode config = JSON.createObjectNode().put("chat_template", family.template());
        config.put("bos_token", family.tokens.getFirst()).put("eos_token", family.ownEnd());
        Files.write(model.resolve("tokenizer_config.json"), JSON.writeValueAsBytes(config));
        return TestServer.of(
                Engine.open(model, EngineOptions.builder().threads(1).build()),
                options -> options.chatFormat(ChatFormat.TEMPLATE));
    }

    private static String tools(String more) {
        String form =
                "{\"type\":\"function\",\"function\":{\"name\":\"NAME\"" + more + ",\"parameters\":" + PLACE + "}}";
        return ",\"tools\":[" + form.replace("NAME", "weather") + "," + form.replace("NAME", "now") + "]";
    }

    /// An answer assembled from the events of a stream.
    private record Streamed(String thought, String words, List<String> calls, String reason) {

        static Streamed of(TestServer server, String asked) {
            StringBuilder thought = new StringBuilder();
            StringBuilder words = new StringBuilder();
            List<String> calls = new ArrayList<>();
            String reason = "";
            for (String event : TestServer.events(server.post(CHAT, asked + ",\"stream\":true}"))) {
                if (event.equals("[DONE]")) {
                    continue;
                }
                JsonNode choice = TestServer.parse(event).at("/choices/0");
                thought.append(choice.at("/delta/reasoning_content").stringValue(""));
                words.append(choice.at("/delta/content").stringValue(""));
                for (JsonNode call : choice.at("/delta/tool_calls").values()) {
                    int index = call.get("index").intValue();
                    if (call.has("id")) {
                        assertThat(index).isEqualTo(calls.size());
                        calls.add(call.at("/function/name").stringValue() + " ");
                    }
                    calls.set(
                            index,
                            calls.get(index) + call.at("/function/arguments").stringValue(""));
                }
                reason = choice.get("finish_reason").stringValue(reason);
            }
            return new Streamed(thought.toString(), words.toString(), calls, reason);
        }

        static Streamed ofWhole(TestServer server, String asked) {
            JsonNode choice = server.post(CHAT, asked + "}").succeeds().at("/choices/0");
            JsonNode message = choice.get("message");
            List<String> calls = new ArrayList<>();
            for (JsonNode call : message.path("tool_calls").values()) {
                assertThat(call.get("id").stringValue()).startsWith("call_");
                calls.add(call.at("/function/name").stringValue() + " "
                        + call.at("/function/arguments").stringValue());
            }
            return new Streamed(
                    message.path("reasoning_content").stringValue(""),
                    message.get("content").stringValue(""),
                    calls,
                    choice.get("finish_reason").stringValue());
        }
    }

    private static Streamed answer(TestServer server, String asked) {
        Streamed whole = Streamed.ofWhole(server, asked);
        assertThat(Streamed.of(server, asked)).isEqualTo(whole);
        return whole;
    }

    @Test
    void thoughtsWordsAndCallsComeApart() throws IOException {
        try (TestServer server = serve(Family.QWEN, THOUGHT_AND_CALLS)) {
            String asked = "{" + MESSAGES + tools("");
            assertThat(answer(server, asked))
                    .isEqualTo(new Streamed(
                            "the sea is",
                            "I look it up.",
                            List.of("weather {\"place\":  \"Osaka\"}", "now {}"),
                            "tool_calls"));
            assertThat(answer(server, asked + ",\"parallel_tool_calls\":false").calls())
                    .containsExactly("weather {\"place\":  \"Osaka\"}");
            JsonNode usage = server.post(CHAT, asked + "}").succeeds().get("usage");
            assertThat(usage.get("completion_tokens").intValue()).isEqualTo(THOUGHT_AND_CALLS.size());
            // Without functions, calls are text, and thoughts are thoughts.
            Streamed without = answer(server, "{" + MESSAGES);
            assertThat(without.thought()).isEqualTo("the sea is");
            assertThat(without.words())
                    .startsWith("I look it up.\n<tool_call>\n{")
                    .endsWith("{}}\n</tool_call>");
            assertThat(without.reason()).isEqualTo("stop");
        }
    }

    @Test
    void responsesHaveAnItemForEach() throws IOException {
        try (TestServer server = serve(Family.QWEN, THOUGHT_AND_CALLS)) {
            String asked =
                    "{\"input\":\"Well?\",\"temperature\":0,\"tools\":[{\"type\":\"function\",\"name\":\"weather\","
                            + "\"parameters\":" + PLACE + "},{\"type\":\"function\",\"name\":\"now\"}]";
            JsonNode output =
                    server.post("/v1/responses", asked + "}").succeeds().get("output");
            assertThat(output.values().stream().map(item -> item.get("type").stringValue()))
                    .containsExactly("reasoning", "message", "function_call", "function_call");
            assertThat(output.at("/0/content/0/text").stringValue()).isEqualTo("the sea is");
            assertThat(output.at("/1/content/0/text").stringValue()).isEqualTo("I look it up.");
            assertThat(output.at("/2/arguments").stringValue()).isEqualTo("{\"place\":  \"Osaka\"}");
            assertThat(output.at("/3/name").stringValue()).isEqualTo("now");
            List<JsonNode> events = named(server, "/v1/responses", asked);
            JsonNode last = events.getLast();
            assertThat(last.get("type").stringValue()).isEqualTo("response.completed");
            for (int i = 0; i < output.size(); i++) {
                assertThat(withoutIds(last.at("/response/output/" + i))).isEqualTo(withoutIds(output.get(i)));
            }
            assertThat(deltas(events, "response.reasoning_text.delta", "/delta"))
                    .isEqualTo("the sea is");
            assertThat(deltas(events, "response.output_text.delta", "/delta")).isEqualTo("I look it up.");
            assertThat(events.stream()
                            .filter(event -> event.get("type").stringValue().equals("response.output_item.done"))
                            .map(event -> event.get("output_index").intValue()))
                    .containsExactly(0, 1, 2, 3);
        }
    }

    @Test
    void messagesHaveABlockForEach() throws IOException {
        try (TestServer server = serve(Family.QWEN, THOUGHT_AND_CALLS)) {
            String asked = "{" + MESSAGES + ",\"max_tokens\":100,\"tools\":[{\"name\":\"weather\",\"input_schema\":"
                    + PLACE + "},{\"name\":\"now\",\"input_schema\":{\"type\":\"object\"}}]";
            JsonNode message = server.post("/v1/messages", asked + "}").succeeds();
            JsonNode content = message.get("content");
            assertThat(content.values().stream().map(block -> block.get("type").stringValue()))
                    .containsExactly("thinking", "text", "tool_use", "tool_use");
            assertThat(content.at("/0/thinking").stringValue()).isEqualTo("the sea is");
            assertThat(content.at("/1/text").stringValue()).isEqualTo("I look it up.");
            assertThat(content.at("/2/input/place").stringValue()).isEqualTo("Osaka");
            assertThat(message.get("stop_reason").stringValue()).isEqualTo("tool_use");
            List<JsonNode> events = named(server, "/v1/messages", asked);
            assertThat(deltas(events, "content_block_delta", "/delta/thinking")).isEqualTo("the sea is");
            assertThat(deltas(events, "content_block_delta", "/delta/text")).isEqualTo("I look it up.");
            assertThat(deltas(events, "content_block_delta", "/delta/partial_json"))
                    .isEqualTo("{\"place\":  \"Osaka\"}{}");
            assertThat(events.stream()
                            .filter(event -> event.get("type").stringValue().equals("content_block_stop"))
                            .map(event -> event.get("index").intValue()))
                    .containsExactly(0, 1, 2, 3);
            // What turns thoughts off is what the template turns them off by.
            int tokens = server.post("/v1/messages/count_tokens", "{" + MESSAGES + "}")
                    .succeeds()
                    .get("input_tokens")
                    .intValue();
            assertThat(server.post(
                                    "/v1/messages/count_tokens",
                                    "{" + MESSAGES + ",\"thinking\":{\"type\":\"disabled\"}}")
                            .succeeds()
                            .get("input_tokens")
                            .intValue())
                    .isGreaterThan(tokens);
        }
    }

    private static JsonNode withoutIds(JsonNode item) {
        ObjectNode left = ((ObjectNode) item).deepCopy();
        JsonNode _ = left.remove("id");
        JsonNode _ = left.remove("call_id");
        return left;
    }

    private static List<JsonNode> named(TestServer server, String path, String asked) {
        return server.post(path, asked + ",\"stream\":true}")
                .raw()
                .body()
                .lines()
                .filter(line -> line.startsWith("data: "))
                .map(line -> TestServer.parse(line.substring("data: ".length())))
                .toList();
    }

    private static String deltas(List<JsonNode> events, String type, String place) {
        StringBuilder all = new StringBuilder();
        events.stream()
                .filter(event -> event.get("type").stringValue().equals(type))
                .forEach(event -> all.append(event.at(place).stringValue("")));
        return all.toString();
    }

    @Test
    void mistralsListsAreCalls() throws IOException {
        String list =
                "[TOOL_CALLS][" + CALL + ", {\"arguments\": {\"a\": \"]\"}, \"name\": \"now\", \"id\": \"123456789\"}]";
        try (TestServer server = serve(Family.MISTRAL, List.of(list.substring(0, 20), list.substring(20)))) {
            assertThat(answer(server, "{" + MESSAGES + tools("")))
                    .isEqualTo(new Streamed(
                            "", "", List.of("weather {\"place\": \"Osaka\"}", "now {\"a\": \"]\"}"), "tool_calls"));
        }
    }

    @Test
    void mistralsNamesWithArgumentsAreCalls() throws IOException {
        List<String> script = List.of(
                "Now: ",
                "[TOOL_CALLS]",
                "weather",
                "[ARGS]",
                "{\"place\": \"[ARGS]\"}",
                "[TOOL_CALLS]now[CALL_ID]a1[ARGS]{}");
        try (TestServer server = serve(Family.NEWER_MISTRAL, script)) {
            assertThat(answer(server, "{" + MESSAGES + tools("")))
                    .isEqualTo(new Streamed(
                            "", "Now:", List.of("weather {\"place\": \"[ARGS]\"}", "now {}"), "tool_calls"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<|python_tag|>"})
    void llamasObjectsAreCalls(String mark) throws IOException {
        List<String> script =
                new ArrayList<>(List.of("{\"name\": \"weather\",", " \"parameters\": {\"place\": ", "\"{Osaka\"}}"));
        if (!mark.isEmpty()) {
            script.addFirst(mark);
        }
        try (TestServer server = serve(Family.LLAMA, script)) {
            assertThat(answer(server, "{" + MESSAGES + tools("")))
                    .isEqualTo(new Streamed("", "", List.of("weather {\"place\": \"{Osaka\"}"), "tool_calls"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<tool_call>\n{\"name\": \"nobody\", \"arguments\": {}}\n</tool_call>\n",
                "a <tool_call> b",
                "<tool_call>\n{\"name\": \"now\", \"arguments\": {\"a\": }}\n</tool_call>",
                "<tool_call>\n{\"name\": \"now\", \"arguments\": [1]}\n</tool_call>",
                "<tool_call>\n{\"name\": \"now\", \"arguments\": {}}} </tool_call>",
                "<tool_call>\n{\"name\": \"now\", \"arguments\": {\"a\": \"",
                " <tool_ca"
            })
    void whatOnlyLooksLikeACallIsTextAndNothingIsLost(String said) throws IOException {
        int middle = said.length() / 2;
        try (TestServer server = serve(Family.QWEN, List.of(said.substring(0, middle), said.substring(middle)))) {
            assertThat(answer(server, "{" + MESSAGES + tools(""))).isEqualTo(new Streamed("", said, List.of(), "stop"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"name\": \"nobody\", \"parameters\": {}}",
                "{\"name\": \"now\", \"parameters\": {}} is how",
                "<|python_tag|>now.call()",
                " {\"name\": \"now\"",
                "now {}"
            })
    void thatHoldsForLlamaToo(String said) throws IOException {
        int middle = said.length() / 2;
        try (TestServer server = serve(Family.LLAMA, List.of(said.substring(0, middle), said.substring(middle)))) {
            assertThat(answer(server, "{" + MESSAGES + tools(""))).isEqualTo(new Streamed("", said, List.of(), "stop"));
        }
    }

    /// The model goes on from the beginning of a call, in tokens of its own, and is bound from there.
    @ParameterizedTest
    @EnumSource(Family.class)
    void aCallThatMustBeIsOneInTheFormOfTheFamily(Family family) throws IOException {
        try (TestServer server = serve(family, List.of("never"))) {
            String asked = "{" + MESSAGES + ",\"max_tokens\":60,\"return_token_ids\":true" + tools("");
            String named = ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"weather\"}}";
            JsonNode body = server.post(CHAT, asked + named + "}").succeeds();
            assertThat(server.post("/detokenize", "{\"tokens\":" + body.get("prompt_token_ids") + "}")
                            .succeeds()
                            .get("prompt")
                            .stringValue())
                    .endsWith(family.opening);
            JsonNode call = body.at("/choices/0/message/tool_calls/0/function");
            assertThat(call.get("name").stringValue()).isEqualTo("weather");
            requireBound(call.get("arguments").stringValue());
            Streamed any = answer(server, asked + ",\"tool_choice\":\"required\"");
            assertThat(any.calls()).hasSize(1);
            assertThat(any.words()).isEmpty();
            assertThat(any.reason()).isEqualTo("tool_calls");
            requireBound(any.calls().getFirst().substring(any.calls().getFirst().indexOf(' ')));
        }
    }

    private static void requireBound(String arguments) {
        JsonNode read = TestServer.parse(arguments);
        assertThat(read.propertyNames()).containsExactly("sunny");
        assertThat(read.get("sunny").isBoolean()).isTrue();
    }

    /// The script says how a call begins and nothing of what is in it, which only the form can make right.
    @Test
    void aStrictFunctionBindsTheCallsThatTheModelChooses() throws IOException {
        try (TestServer server = serve(Family.QWEN, List.of("<think>", "h", "m", "</think>", "<tool_call>"))) {
            JsonNode end = server.post("/tokenize", "{\"prompt\":\"<|im_end|>\"}")
                    .succeeds()
                    .get("tokens");
            String asked = "{" + MESSAGES + ",\"max_tokens\":80,\"logit_bias\":{\"" + end.get(0) + "\":30}";
            Streamed bound = answer(server, asked + tools(",\"strict\":true"));
            assertThat(bound.thought()).isEqualTo("hm");
            assertThat(bound.words()).isEmpty();
            assertThat(bound.reason()).isEqualTo("tool_calls");
            assertThat(bound.calls()).hasSize(1);
            requireBound(
                    bound.calls().getFirst().substring(bound.calls().getFirst().indexOf(' ')));
            // Where nothing binds, it is no call.
            assertThat(answer(server, asked + tools("")))
                    .isEqualTo(new Streamed("hm", "<tool_call>", List.of(), "stop"));
        }
    }

    @Test
    @SuppressWarnings("StringConcatToTextBlock") // One line of the template is one string here.
    void theTemplateTurnsThoughtsOffAndWritesEarlierCallsItself() throws IOException {
        try (TestServer server = serve(Family.QWEN, List.of("never"))) {
            String calls = "\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":"
                    + "\"<think>\\nso\\n</think>\\n\\n\",\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\",\"function\":{"
                    + "\"name\":\"now\",\"arguments\":\"{\\\"a\\\": 1}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"c1\","
                    + "\"content\":\"noon\"}]";
            assertThat(text(server, calls + ",\"chat_template_kwargs\":{\"enable_thinking\":false}"))
                    .isEqualTo("<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n<think>\nso\n</think>\n\n"
                            + "<tool_call>\n{\"name\": \"now\", \"arguments\": {\"a\": 1}}\n</tool_call><|im_end|>\n"
                            + "<|im_start|>user\n<tool_response>\nnoon\n</tool_response><|im_end|>\n"
                            + "<|im_start|>assistant\n<think>\n\n</think>\n\n");
            assertThat(text(server, calls)).endsWith("<|im_start|>assistant\n");
            server.post(CHAT, "{" + MESSAGES + ",\"chat_template_kwargs\":{\"messages\":[]}}")
                    .isRefused("chat_template_kwargs", "must not set messages");
            server.post(CHAT, "{" + MESSAGES + ",\"chat_template_kwargs\":[1]}")
                    .isRefused("chat_template_kwargs", "an object");
        }
        try (TestServer server = serve(Family.MISTRAL, List.of("no"))) {
            String id = "call_0123456789abcdef";
            assertThat(text(
                            server,
                            "\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"tool_calls\":[{"
                                    + "\"id\":\"" + id + "\",\"type\":\"function\",\"function\":{\"name\":\"now\","
                                    + "\"arguments\":\"{}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"" + id
                                    + "\",\"content\":\"noon\"}]"))
                    .isEqualTo(
                            "<s>[INST]a[/INST][TOOL_CALLS][{\"name\": \"now\", \"arguments\": {}, \"id\": \"789abcdef\"}]"
                                    + "</s>[TOOL_RESULTS]{\"content\": noon, \"call_id\": \"789abcdef\"}[/TOOL_RESULTS]");
        }
    }

    private static String text(TestServer server, String asked) {
        JsonNode tokens = server.post("/tokenize", "{" + asked + "}").succeeds().get("tokens");
        return server.post("/detokenize", "{\"tokens\":" + tokens + "}")
                .succeeds()
                .get("prompt")
                .stringValue();
    }

    /// A prompt that begins the thoughts itself, as those of models do that always think.
    @Test
    void thoughtsThatThePromptBeginsAreThoughts() throws IOException {
        Path model = folder.resolve("model");
        List<String> script = List.of("the sea", " is\n", "</think>", "\n\nWell.", "<|im_end|>");
        ScriptedModel.write(model, List.of("<think>", "</think>"), "\n", script);
        Files.writeString(
                model.resolve("chat_template.jinja"), "{{ messages[0].content }}|{{ tools }}<think>{{ '\\n' }}");
        Files.writeString(model.resolve("generation_config.json"), "{\"eos_token_id\": [0]}");
        try (TestServer server = TestServer.of(
                Engine.open(model, EngineOptions.builder().threads(1).build()),
                options -> options.chatFormat(ChatFormat.TEMPLATE))) {
            Streamed answer = answer(server, "{" + MESSAGES + ",\"max_tokens\":4");
            assertThat(answer).isEqualTo(new Streamed("the sea is", "Well.", List.of(), "length"));
            assertThat(answer(server, "{" + MESSAGES + ",\"max_tokens\":1"))
                    .isEqualTo(new Streamed("the sea", "", List.of(), "length"));
            // A form leaves no room for thoughts, so the prompt ends them.
            String form = ",\"max_tokens\":20,\"return_token_ids\":true,\"structured_outputs\":{\"choice\":[\"yes\"]}";
            JsonNode bound = server.post(CHAT, "{" + MESSAGES + form + "}").succeeds();
            assertThat(bound.at("/choices/0/message/content").stringValue()).isEqualTo("yes");
            assertThat(server.post("/detokenize", "{\"tokens\":" + bound.get("prompt_token_ids") + "}")
                            .succeeds()
                            .get("prompt")
                            .stringValue())
                    .endsWith("<think>\n\n</think>\n\n");
        }
    }

    /// The end that only `generation_config.json` knows, in each protocol, and that which the template
    /// writes.
    @Test
    void everyEndOfTheCheckpointEndsAnAnswer() throws IOException {
        Path model = folder.resolve("model");
        List<String> script = List.of("Well", ".", "<|eom_id|>", "more", "<|eot_id|>", "too much");
        ScriptedModel scripted = ScriptedModel.write(model, List.of("[/INST]"), "[/INST]", script);
        Files.writeString(
                model.resolve("chat_template.jinja"),
                "{% for m in messages %}{{ m.content }}{% if m.role == 'assistant' %}<|eot_id|>{% endif %}{% endfor %}"
                        + "[/INST]");
        Path generation = model.resolve("generation_config.json");
        int eom = scripted.tokenizer().specialId("<|eom_id|>").orElseThrow();
        Files.writeString(generation, "{\"eos_token_id\": [0, " + eom + "]}");
        requireAnswers(model, "Well.", 2);
        Files.writeString(generation, "{\"eos_token_id\": 0}");
        try (TestServer server = TestServer.of(
                Engine.open(model, EngineOptions.builder().threads(1).build()),
                options -> options.chatFormat(ChatFormat.TEMPLATE))) {
            assertThat(answer(server, "{" + MESSAGES + ",\"max_tokens\":20"))
                    .isEqualTo(new Streamed("", "Well.<|eom_id|>more", List.of(), "stop"));
        }
    }

    private static void requireAnswers(Path model, String text, int tokens) {
        try (TestServer server = TestServer.of(
                Engine.open(model, EngineOptions.builder().threads(1).build()),
                options -> options.chatFormat(ChatFormat.TEMPLATE))) {
            assertThat(answer(server, "{" + MESSAGES + ",\"max_tokens\":20"))
                    .isEqualTo(new Streamed("", text, List.of(), "stop"));
            JsonNode message = server.post("/v1/messages", "{" + MESSAGES + ",\"max_tokens\":20}")
                    .succeeds();
            assertThat(message.at("/content/0/text").stringValue()).isEqualTo(text);
            assertThat(message.get("stop_reason").stringValue()).isEqualTo("end_turn");
            JsonNode ids = server.post("/tokenize", "{\"prompt\":\"[/INST]\"}")
                    .succeeds()
                    .get("tokens");
            JsonNode completion = server.post(
                            "/v1/completions", "{\"prompt\":" + ids + ",\"temperature\":0,\"max_tokens\":20}")
                    .succeeds();
            assertThat(completion.at("/choices/0/text").stringValue()).isEqualTo(text);
            assertThat(completion.at("/choices/0/finish_reason").stringValue()).isEqualTo("stop");
            assertThat(completion.at("/usage/completion_tokens").intValue()).isEqualTo(tokens);
        }
    }
}
