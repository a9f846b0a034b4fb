package dev.saiki.chat.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.saiki.chat.answer.AnswerSyntax.Thinking;
import dev.saiki.chat.tool.CallJson;
import dev.saiki.chat.tool.Tool;
import dev.saiki.chat.tool.ToolChoice;
import dev.saiki.text.template.CheckpointTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The forms of calls in published templates: the templates' output is parsed back. `-DchatTemplates=FOLDER`
/// names a folder with templates that are not part of the project.
class CallFormsTest {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final JsonNode ANYTHING = JSON.objectNode().put("type", "object");
    private static final ToolChoice CALL = new ToolChoice(
            List.of(Tool.of("weather", "", ANYTHING), Tool.of("now", "The time.", ANYTHING)), false, true);

    @TempDir
    private Path folder;

    private CheckpointTemplate template(String file, String begin, String end) throws IOException {
        Path own = Path.of("..", "golden", "templates", "published", file);
        String named = System.getProperty("chatTemplates", "");
        assumeTrue(Files.exists(own) || !named.isEmpty(), "no -DchatTemplates=FOLDER with " + file);
        Files.copy(Files.exists(own) ? own : Path.of(named, file), folder.resolve("chat_template.jinja"));
        ObjectNode tokens = JSON.objectNode().put("bos_token", begin).put("eos_token", end);
        Files.writeString(folder.resolve("tokenizer_config.json"), tokens.toString());
        return CheckpointTemplate.read(folder, Clock.systemUTC());
    }

    private static ToolChoice named() {
        return new ToolChoice(CALL.tools().subList(0, 1), true, false);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Qwen-Qwen3-0.6B.jinja                               | 2 | <tool_call>~{"name": "weather", "arguments":
            Qwen-Qwen2.5-7B-Instruct.jinja                      | 2 | <tool_call>~{"name": "weather", "arguments":
            Qwen-QwQ-32B.jinja                                  | 2 | <tool_call>~{"name": "weather", "arguments":
            NousResearch-Hermes-3-Llama-3.1-8B-tool_use.jinja   | 2 | <tool_call>~{"name": "weather", "arguments":
            mistralai-Mistral-Nemo-Instruct-2407.jinja          | 2 | [TOOL_CALLS][{"name": "weather", "arguments":
            Mistral-Small-3.2-24B-Instruct-2506.jinja           | 2 | [TOOL_CALLS]weather[ARGS]
            meta-llama-Llama-3.1-8B-Instruct.jinja              | 1 | {"name": "weather", "parameters":
            meta-llama-Llama-3.2-3B-Instruct.jinja              | 1 | {"name": "weather", "parameters":
            meta-llama-Llama-3.3-70B-Instruct.jinja             | 1 | {"name": "weather", "parameters":
            """)
    void whatATemplateWritesIsReadBack(String file, int most, String opening) throws IOException {
        CheckpointTemplate template = template(file, "<s>", "</s>");
        CallForm form = CallForms.of(Optional.of(template));
        assertThat(form.opening(named())).isEqualTo(opening.replace('~', '\n'));
        List<WrittenCall> calls = List.of(
                new WrittenCall("weather", "{\"place\": \"大阪 }\\\"{\", \"days\": 2}"), new WrittenCall("now", "{}"));
        for (int count = 1; count <= most; count++) {
            List<WrittenCall> some = calls.subList(0, count);
            String answer = written(template, some);
            AnswerSyntax syntax = new AnswerSyntax(Optional.of(CALL), form, Thinking.POSSIBLE);
            WholeAnswer whole = WholeAnswer.of(syntax.reading().end(answer));
            assertThat(whole).isEqualTo(new WholeAnswer("", "", some));
            assertThat(letterByLetter(syntax, answer)).isEqualTo(whole);
        }
    }

    /// A template's text for the model's turn, up to the end of the turn.
    private static String written(CheckpointTemplate template, List<WrittenCall> calls) {
        ArrayNode tools = JSON.arrayNode();
        CALL.tools().forEach(function -> tools.add(function.toJson()));
        ArrayNode messages = JSON.arrayNode();
        messages.addObject().put("role", "user").put("content", "Well?");
        String before = template.render(messages, tools, JSON.objectNode());
        ObjectNode said = messages.addObject().put("role", "assistant").put("content", "");
        ArrayNode made = said.putArray("tool_calls");
        for (WrittenCall call : calls) {
            ObjectNode function = made.addObject()
                    .put("type", "function")
                    .put("id", "abcdefgh" + made.size())
                    .putObject("function");
            function.put("name", call.name())
                    .set("arguments", CallJson.read(call.arguments()).orElseThrow());
        }
        String all = template.render(messages, tools, JSON.objectNode());
        // Of an earlier turn no thoughts are written, not even empty ones.
        String opening = before.replaceFirst("<think>\\s*(</think>\\s*)?$", "");
        assertThat(all).startsWith(opening.stripTrailing());
        String answer = all.substring(opening.stripTrailing().length());
        int end = List.of("<|im_end|>", "</s>", "<|eot_id|>").stream()
                .mapToInt(answer::indexOf)
                .filter(at -> at >= 0)
                .min()
                .orElseThrow();
        return answer.substring(0, end);
    }

    private static WholeAnswer letterByLetter(AnswerSyntax syntax, String answer) {
        AnswerReading reading = syntax.reading();
        List<AnswerPiece> pieces = new ArrayList<>();
        answer.codePoints().forEach(letter -> pieces.addAll(reading.take(Character.toString(letter))));
        pieces.addAll(reading.end(""));
        return WholeAnswer.of(pieces);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Qwen3-Coder.jinja", "deepseek-ai-DeepSeek-V3.1.jinja", "HuggingFaceTB-SmolLM3-3B.jinja"})
    void aFormThatIsNotKnownIsNotGuessed(String file) throws IOException {
        assertThat(CallForms.of(Optional.of(template(file, "<s>", "</s>")))).isEqualTo(new PlainCalls());
    }

    @Test
    void aTemplateThatOnlyTellsTheModelTheFormHasItToo() throws IOException {
        Files.writeString(
                folder.resolve("chat_template.jinja"),
                "{{ tools }} Write <tool_call>\n{\"name\": <function-name>, \"arguments\": <args-json-object>}\n</tool_call>"
                        + "{% for m in messages %}{{ m.content }}{% endfor %}");
        CheckpointTemplate template = CheckpointTemplate.read(folder, Clock.systemUTC());
        assertThat(CallForms.of(Optional.of(template))).isEqualTo(new TaggedCalls(TaggedCalls.USUAL));
        assertThat(CallForms.of(Optional.empty())).isEqualTo(new PlainCalls());
    }

    @Test
    void answersThatMayBeCallsAreFreeUnlessAFunctionIsStrict() {
        ToolChoice strict = new ToolChoice(
                List.of(new Tool(Tool.of("now", "", ANYTHING).definition().put("strict", true))), false, true);
        CallLayout bare = new CallLayout("{\"name\": \"", "\", \"parameters\": ", "}");
        Map<CallForm, String> written = Map.of(
                new TaggedCalls(TaggedCalls.USUAL),
                "<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>",
                new BracketedCalls(new CallLayout("[TOOL_CALLS]", "[ARGS]", "")),
                "[TOOL_CALLS]now[ARGS]{}",
                new BareCalls(bare),
                "{\"name\": \"now\", \"parameters\": {}");
        written.forEach((form, answer) -> {
            assertThat(form.constraint(CALL)).isEmpty();
            assertThat(form.constraint(strict)).isPresent();
            AnswerSyntax syntax = new AnswerSyntax(Optional.of(strict), form, Thinking.NONE);
            WholeAnswer whole = WholeAnswer.of(syntax.reading().end(answer));
            assertThat(whole).isEqualTo(new WholeAnswer("", "", List.of(new WrittenCall("now", "{}"))));
            assertThat(letterByLetter(syntax, answer)).isEqualTo(whole);
        });
        assertThat(new PlainCalls().constraint(CALL)).isPresent();
    }

    /// However an answer is cut into pieces, it is the same.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "<think>\na\n\nb\n</think>\n\nc",
                " \n<think></think>c",
                "<think>a <tool_call>{}</tool_call>",
                "<thin",
                "\n\n a <think>b</think>",
                "<think>\n\n\n",
                "a\n <tool_call> {\"name\": \"now\", \"arguments\": {\"a\": \"</tool_call>\"}} </tool_call>\n b",
                "<tool_call>{\"name\": \"now\", \"arguments\": {}}",
                "<tool_call>{\"name\": \"now\", \"arguments\": {}}</tool_call",
                "<tool_call><tool_call>{\"name\": \"now\", \"arguments\": {}}</tool_call>",
                "<<tool_call>>",
                "<tool_call>{\"name\": \"now\"}</tool_call>\n"
            })
    void anAnswerIsReadAlikeHoweverItComes(String answer) {
        AnswerSyntax syntax =
                new AnswerSyntax(Optional.of(CALL), new TaggedCalls(TaggedCalls.USUAL), Thinking.POSSIBLE);
        assertThat(letterByLetter(syntax, answer))
                .isEqualTo(WholeAnswer.of(syntax.reading().end(answer)));
    }

    @Test
    void anAnswersPartsAreWhatTheyAre() {
        AnswerSyntax syntax =
                new AnswerSyntax(Optional.of(CALL), new TaggedCalls(TaggedCalls.USUAL), Thinking.POSSIBLE);
        assertThat(letterByLetter(syntax, "<think>\na\n\nb\n</think>\n\nc"))
                .isEqualTo(new WholeAnswer("a\n\nb", "c", List.of()));
        assertThat(
                        letterByLetter(
                                syntax,
                                "a\n <tool_call> {\"name\": \"now\", \"arguments\": {\"a\": \"</tool_call>\"}} </tool_call>\n b"))
                .isEqualTo(new WholeAnswer("", "a\n b", List.of(new WrittenCall("now", "{\"a\": \"</tool_call>\"}"))));
        assertThat(letterByLetter(syntax, "<tool_call><tool_call>{\"name\": \"now\", \"arguments\": {}}</tool_call>"))
                .isEqualTo(new WholeAnswer("", "<tool_call>", List.of(new WrittenCall("now", "{}"))));
        assertThat(letterByLetter(syntax, "<tool_call>{\"name\": \"now\", \"arguments\": {}}")
                        .calls())
                .hasSize(1);
    }
}
