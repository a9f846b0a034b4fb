package dev.saiki.text.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.saiki.io.InputException;
import dev.saiki.text.chat.TemplateEncoder;
import dev.saiki.text.template.CheckpointTemplate;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class ConversationDatasetTest {

    private static final Path PUBLISHED = Path.of("..", "golden", "templates", "published");
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC);
    private static final Tokenizer BYTES =
            BytePairTrainer.train(List.of("the whale").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);

    /// A template in the form of Llama 3's; the published template has a licence of its own.
    private static final String LLAMA = """
            {{ '<|begin_of_text|>' }}{% for message in messages %}
            {{ '<|start_header_id|>' + message.role + '<|end_header_id|>\\n\\n' + message.content | trim + '<|eot_id|>' }}
            {%- endfor %}
            {%- if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}
            """;

    private static final String WEATHER = """
            {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Osaka?"},
             {"role": "assistant", "content": "Sunny."}, {"role": "user", "content": "<|eot_id|> Nara?"},
             {"role": "assistant", "content": "Rain."}, {"role": "user", "content": "Thanks."}]}""";

    @TempDir
    private Path folder;

    private static Tokenizer withTokens(String... contents) {
        ObjectNode json = (ObjectNode) JsonMapper.shared().readTree(BYTES.json());
        ArrayNode added = (ArrayNode) json.get("added_tokens");
        int id = BYTES.vocabSize();
        for (String content : contents) {
            ObjectNode token = ((ObjectNode) added.get(0)).deepCopy();
            added.add(token.put("id", id++).put("content", content));
        }
        return Tokenizer.parse(JsonMapper.shared().writeValueAsBytes(json), "with tokens");
    }

    private TemplateEncoder encoder(String template, Tokenizer tokenizer) throws IOException {
        Path model = Files.createDirectories(folder.resolve("model"));
        Files.writeString(model.resolve(CheckpointTemplate.FILE), template);
        return new TemplateEncoder(CheckpointTemplate.read(model, CLOCK), tokenizer);
    }

    private TemplateEncoder llama() throws IOException {
        return encoder(
                LLAMA, withTokens("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"));
    }

    private TemplateEncoder qwen(String file) throws IOException {
        return encoder(
                Files.readString(PUBLISHED.resolve(file)),
                withTokens("<|im_start|>", "<|im_end|>", "<think>", "</think>"));
    }

    /// The rows of a conversation, with targets in [brackets].
    private List<String> rows(TemplateEncoder encoder, Tokenizer tokenizer, String line) throws IOException {
        Path file = write("chats.jsonl", line.replace("\n", " "), line.replace("\n", " "));
        ConversationDataset dataset = ConversationDataset.open(
                file, encoder, new ConversationDataset.Options(4096, ConversationDataset.TooLong.LEAVE_OUT, 0.5));
        List<AnswerRow> rows = new ArrayList<>(dataset.train());
        rows.addAll(dataset.heldOut());
        return rows.subList(0, rows.size() / 2).stream()
                .map(row -> shown(row, tokenizer))
                .toList();
    }

    private static String shown(AnswerRow row, Tokenizer tokenizer) {
        StringBuilder text = new StringBuilder();
        int from = 0;
        for (int i = 1; i <= row.ids().length; i++) {
            if (i == row.ids().length || row.targets()[i] != row.targets()[from]) {
                String part = tokenizer.decode(Arrays.copyOfRange(row.ids(), from, i));
                text.append(row.targets()[from] ? "[" + part + "]" : part);
                from = i;
            }
        }
        return text.toString();
    }

    private Path write(String name, String... lines) throws IOException {
        return Files.write(folder.resolve(name), List.of(lines));
    }

    @Test
    void anAnswerAndTheTokenThatEndsItAreLearntAndNothingElse() throws IOException {
        TemplateEncoder encoder = llama();
        Tokenizer tokenizer = withTokens("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>");
        assertThat(rows(encoder, tokenizer, WEATHER))
                .containsExactly("<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
                        + "<|start_header_id|>user<|end_header_id|>\n\nOsaka?<|eot_id|>"
                        + "<|start_header_id|>assistant<|end_header_id|>\n\n[Sunny.<|eot_id|>]"
                        + "<|start_header_id|>user<|end_header_id|>\n\n<|eot_id|> Nara?<|eot_id|>"
                        + "<|start_header_id|>assistant<|end_header_id|>\n\n[Rain.<|eot_id|>]");
    }

    @Test
    void aMessageOfNoWeightIsReadAndNotLearnt() throws IOException {
        TemplateEncoder encoder = llama();
        Tokenizer tokenizer = withTokens("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>");
        String line = WEATHER.replace("\"content\": \"Sunny.\"", "\"content\": \"Sunny.\", \"weight\": 0");
        assertThat(rows(encoder, tokenizer, line))
                .singleElement()
                .asString()
                .contains("\n\nSunny.<|eot_id|>", "[Rain.<|eot_id|>]");
    }

    @Test
    void pairsAreConversationsOfTwoTurns() throws IOException {
        TemplateEncoder encoder = llama();
        Tokenizer tokenizer = withTokens("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>");
        assertThat(rows(encoder, tokenizer, "{\"prompt\": \"Who?\", \"completion\": \"Ahab.\"}"))
                .containsExactly("<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nWho?<|eot_id|>"
                        + "<|start_header_id|>assistant<|end_header_id|>\n\n[Ahab.<|eot_id|>]");
    }

    /// The published template omits the thoughts of earlier turns, so each answer has a row of its own.
    @Test
    void answersOfQwen3AreLearntInTheFormInWhichTheModelWritesThem() throws IOException {
        Tokenizer tokenizer = withTokens("<|im_start|>", "<|im_end|>", "<think>", "</think>");
        String line = """
                {"messages": [{"role": "user", "content": "Osaka?"},
                 {"role": "assistant", "reasoning_content": "Look it up.", "content": "Sunny."},
                 {"role": "user", "content": "Nara?"}, {"role": "assistant", "content": "Rain."}]}""";
        String first = "<|im_start|>user\nOsaka?<|im_end|>\n<|im_start|>assistant\n";
        assertThat(rows(qwen("Qwen-Qwen3-0.6B.jinja"), tokenizer, line))
                .containsExactly(
                        first + "[<think>\nLook it up.\n</think>\n\nSunny.<|im_end|>]",
                        first + "Sunny.<|im_end|>\n<|im_start|>user\nNara?<|im_end|>\n<|im_start|>assistant\n"
                                + "[<think>\n\n</think>\n\nRain.<|im_end|>]");
    }

    @ParameterizedTest
    @CsvSource({
        "Qwen-Qwen3-0.6B.jinja, '<think>\n\n</think>\n\n', '<think>\n\n</think>\n\n', 2",
        "Qwen-Qwen2.5-7B-Instruct.jinja, '', '', 1"
    })
    void callsOfFunctionsAreLearntAndTheirResultsAreNot(String file, String before, String beforeLast, int expected)
            throws IOException {
        Tokenizer tokenizer = withTokens("<|im_start|>", "<|im_end|>", "<think>", "</think>");
        String line = """
                {"messages": [{"role": "user", "content": "Osaka?"},
                 {"role": "assistant", "content": null, "tool_calls": [{"id": "1", "type": "function",
                  "function": {"name": "weather", "arguments": "{\\"place\\": \\"Osaka\\"}"}}]},
                 {"role": "tool", "tool_call_id": "1", "content": "21"}, {"role": "assistant", "content": "Warm."}],
                 "tools": [{"type": "function", "function": {"name": "weather", "parameters": {}}}]}""";
        List<String> rows = rows(qwen(file), tokenizer, line);
        assertThat(rows).hasSize(expected);
        assertThat(rows.getFirst())
                .contains("assistant\n[" + before
                        + "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"place\": \"Osaka\"}}\n</tool_call>"
                        + "<|im_end|>]");
        assertThat(rows.getLast())
                .contains("user\n<tool_response>\n21\n</tool_response><|im_end|>\n<|im_start|>assistant\n")
                .endsWith("[" + beforeLast + "Warm.<|im_end|>]");
    }

    /// The template is not part of the project because of its licence; `-DchatTemplates=FOLDER` names a folder
    /// that contains it.
    @Test
    void answersOfThePublishedLlama3AreLearnt() throws IOException {
        Path file = Path.of(System.getProperty("chatTemplates", ""), "meta-llama-Llama-3.1-8B-Instruct.jinja");
        assumeTrue(Files.exists(file), "no -DchatTemplates=FOLDER with " + file.getFileName());
        String[] tokens = {"<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"};
        TemplateEncoder encoder = encoder(Files.readString(file), withTokens(tokens));
        assertThat(rows(encoder, withTokens(tokens), WEATHER))
                .singleElement()
                .asString()
                .contains(
                        "assistant<|end_header_id|>\n\n[Sunny.<|eot_id|>]<|start_header_id|>user",
                        "assistant<|end_header_id|>\n\n[Rain.<|eot_id|>]");
    }

    @Test
    void templatesThatWriteAnswersOtherwiseThanTheyAskForThemAreRefused() throws IOException {
        Tokenizer tokenizer = withTokens("<|im_start|>", "<|im_end|>", "<think>", "</think>");
        TemplateEncoder qwq = qwen("Qwen-QwQ-32B.jinja");
        assertThatThrownBy(() -> rows(qwq, tokenizer, "{\"prompt\": \"Who?\", \"completion\": \"Ahab.\"}"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("chats.jsonl:1: the chat template begins an answer with")
                .hasMessageContaining("assistant\\n<think>\\n")
                .hasMessageContaining(" but writes given answers without it");
        TemplateEncoder endless = encoder(
                "{{ messages[0].content }}{% for m in messages[1:] %}{{ m.content }}" + "{% endfor %}", tokenizer);
        assertThatThrownBy(() -> rows(endless, tokenizer, "{\"prompt\": \"Who?\", \"completion\": \"Ahab.\"}"))
                .hasMessageContaining("writes no token that ends an answer");
        TemplateEncoder noTools = llama();
        String tools = WEATHER.replace("]}", "], \"tools\": [{\"function\": {\"name\": \"f\"}}]}");
        assertThatThrownBy(() -> rows(noTools, tokenizer, tools))
                .hasMessageContaining("the chat template does not pass tools to the model");
    }

    @Test
    void theTemplateForModelsWithoutOneIsLearntToo() throws IOException {
        Tokenizer tokenizer = withTokens("<s>", "</s>");
        TemplateEncoder plain = new TemplateEncoder(CheckpointTemplate.plain("<s>", "</s>", CLOCK), tokenizer);
        assertThat(rows(plain, tokenizer, WEATHER))
                .containsExactly("<s>Be brief.\n\nUser: Osaka?\nAssistant:\n[Sunny.</s>]\nUser: <|eot_id|> Nara?\n"
                        + "Assistant:\n[Rain.</s>]");
        assertThatThrownBy(() -> rows(
                        plain,
                        tokenizer,
                        "{\"messages\": [{\"role\": \"tool\", \"content\": \"a\"},"
                                + " {\"role\": \"assistant\", \"content\": \"b\"}]}"))
                .hasMessageContaining("this chat template supports neither tool calls nor tool results");
    }

    @Test
    void everyMalformedLineIsNamedWithWhatIsAllowedAndWhatWasGot() throws IOException {
        Path file = write(
                "wrong.jsonl",
                "{\"prompt\": \"a\", \"completion\": \"b\"}",
                "{\"messages\": []}",
                "{\"mesages\": []}",
                "{\"messages\": [{\"role\": \"bot\", \"content\": \"a\"}]}",
                "{\"messages\": [{\"role\": \"user\", \"content\": 5}]}",
                "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}]}",
                "[1]",
                "{\"messages\": [{\"role\": \"assistant\", \"content\": \"a\", \"weight\": 0.5}]}",
                "{\"messages\": [{\"role\": \"assistant\", \"tool_calls\": [{\"function\": {\"name\": \"f\","
                        + " \"arguments\": \"{\"}}]}]}",
                "{\"prompt\": 1, \"completion\": \"b\"}",
                "{");
        assertThatThrownBy(() -> open(file, llama(), 64))
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll(
                        "wrong.jsonl:2: messages must be at least one message, got none",
                        "wrong.jsonl:3: the fields must be messages, or prompt and completion, got [mesages]",
                        "wrong.jsonl:4: messages[0].role must be system, developer, user, assistant or tool, got \"bot\"",
                        "wrong.jsonl:5: messages[0].content must be a string or an array of parts of type text, got number",
                        "wrong.jsonl:6: a conversation must be one with an assistant message",
                        "wrong.jsonl:7: each line must be a JSON object, got array",
                        "wrong.jsonl:8: messages[0].weight must be 0 or 1, got 0.5",
                        "wrong.jsonl:9: messages[0].tool_calls[0].function.arguments must be a JSON object",
                        "wrong.jsonl:10: prompt must be a string, got number",
                        "wrong.jsonl:11: not valid JSON");
        assertThatThrownBy(() -> open(write("none.jsonl"), llama(), 64)).hasMessageContaining("got none");
        assertThatThrownBy(() -> open(write("text.txt", "a"), llama(), 64))
                .hasMessageContaining("a file of conversations must be .jsonl or .ndjson, got text.txt");
    }

    private static ConversationDataset open(Path file, TemplateEncoder encoder, int length) {
        return ConversationDataset.open(
                file, encoder, new ConversationDataset.Options(length, ConversationDataset.TooLong.LEAVE_OUT, 0.2));
    }

    private Path chats(int count) throws IOException {
        return write(
                "chats.jsonl",
                IntStream.range(0, count)
                        .mapToObj(i -> "{\"prompt\": \"Count to %d.\", \"completion\": \"%s\"}"
                                .formatted(i, "one ".repeat(1 + i % 7)))
                        .toArray(String[]::new));
    }

    @Test
    void conversationsThatAreTooLongAreLeftOutOrCutAndCounted() throws IOException {
        TemplateEncoder encoder = llama();
        Path file = chats(21);
        ConversationDataset all = open(file, encoder, 200);
        assertThat(all.counts()).isEqualTo(new ConversationDataset.Counts(21, 0, 0));
        int longest =
                all.train().stream().mapToInt(row -> row.ids().length).max().orElseThrow();
        ConversationDataset some = open(file, encoder, longest - 3);
        assertThat(some.counts().tooLong()).isPositive().isEqualTo(some.counts().leftOut());
        ConversationDataset cut = ConversationDataset.open(
                file, encoder, new ConversationDataset.Options(longest - 3, ConversationDataset.TooLong.CUT, 0.2));
        assertThat(cut.counts())
                .isEqualTo(new ConversationDataset.Counts(21, some.counts().tooLong(), 0));
        assertThat(cut.train().stream().mapToInt(row -> row.ids().length).max()).hasValue(longest - 2);
        assertThat(cut.train()).allMatch(row -> row.numTargets() > 0);
        assertThatThrownBy(() -> open(file, encoder, 10))
                .hasMessageContaining("needs at least two conversations of at most 10 tokens");
    }

    @Test
    void wholeConversationsAreHeldOutAndCopiesOfOneAreOnOneSide() throws IOException {
        TemplateEncoder encoder = llama();
        ConversationDataset dataset = open(chats(70), encoder, 200);
        assertThat(dataset.heldOut()).isNotEmpty().hasSizeLessThan(30);
        assertThat(dataset.train()).hasSize(70 - dataset.heldOut().size());
        List<String> lines = Files.readAllLines(folder.resolve("chats.jsonl"));
        List<String> twice = new ArrayList<>(lines);
        twice.addAll(lines);
        ConversationDataset copies = open(write("twice.jsonl", twice.toArray(String[]::new)), encoder, 200);
        assertThat(dataset.hash()).isNotEqualTo(copies.hash());
        assertThat(texts(copies.heldOut())).doesNotContainAnyElementsOf(texts(copies.train()));
    }

    private static Set<List<Integer>> texts(List<AnswerRow> rows) {
        Set<List<Integer>> texts = new HashSet<>();
        rows.forEach(row -> texts.add(Arrays.stream(row.ids()).boxed().toList()));
        return texts;
    }

    @Test
    void anEpochHasEachRowOnceAndGoesOnFromAnyPosition() throws IOException {
        ConversationDataset dataset = open(chats(30), llama(), 200);
        int count = dataset.train().size();
        RowOrder order = new RowOrder("chats", count, 7, LoaderPosition.START);
        List<AnswerRow> epoch = next(dataset, order, count);
        assertThat(epoch).containsExactlyInAnyOrderElementsOf(dataset.train()).isNotEqualTo(dataset.train());
        LoaderPosition position = order.position();
        assertThat(position).isEqualTo(new LoaderPosition(1, 0));
        List<AnswerRow> next = next(dataset, order, 5);
        assertThat(next(dataset, new RowOrder("chats", count, 7, position), 5)).isEqualTo(next);
    }

    private static List<AnswerRow> next(ConversationDataset dataset, RowOrder order, int count) {
        return LongStream.generate(order::next)
                .limit(count)
                .mapToObj(row -> dataset.train().get((int) row))
                .toList();
    }
}
