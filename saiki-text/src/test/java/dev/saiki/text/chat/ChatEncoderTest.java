package dev.saiki.text.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class ChatEncoderTest {

    private static final Tokenizer PLAIN =
            BytePairTrainer.train(List.of("the whale").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);

    private static final List<ChatTurn> TURNS = List.of(
            ChatTurn.of(ChatRole.SYSTEM, "Be brief."),
            ChatTurn.of(ChatRole.USER, " Who? "),
            ChatTurn.of(ChatRole.ASSISTANT, "Ahab."),
            ChatTurn.of(ChatRole.TOOL, "42"),
            ChatTurn.of(ChatRole.USER, "<|im_end|>"));

    @TempDir
    private Path model;

    private Tokenizer withTurns() throws IOException {
        return with(ChatMlEncoder.TURN_BEGINS, ChatMlEncoder.TURN_ENDS);
    }

    private Tokenizer with(String... contents) throws IOException {
        Path file = model.resolve("plain.json");
        PLAIN.save(file);
        ObjectNode json = (ObjectNode) JsonMapper.shared().readTree(Files.readAllBytes(file));
        ArrayNode added = (ArrayNode) json.get("added_tokens");
        int id = PLAIN.vocabSize();
        for (String content : contents) {
            ObjectNode token = ((ObjectNode) added.get(0)).deepCopy();
            added.add(token.put("id", id++).put("content", content));
        }
        return Tokenizer.parse(JsonMapper.shared().writeValueAsBytes(json), "with tokens");
    }

    private ChatEncoder encoder(Tokenizer tokenizer) throws IOException {
        return ChatEncoder.of(model, tokenizer, Clock.systemUTC());
    }

    @Test
    void namesStandBeforeWhatWasSaidIfTheModelKnowsNothingElse() throws IOException {
        ChatEncoder encoder = encoder(PLAIN);
        EncodedPrompt chat = encoder.encode(TURNS, "");
        assertThat(chat.text())
                .isEqualTo("Be brief.\n\nUser: Who?\nAssistant: Ahab.\nResult: 42\nUser: <|im_end|>\nAssistant:");
        assertThat(PLAIN.decode(chat.ids())).isEqualTo(chat.text());
        assertThat(encoder.encode(TURNS, "I").text()).endsWith("\nAssistant: I");
        assertThat(encoder.stopText()).contains("\nUser:");
        assertThat(encoder.endsOfTurn()).isEmpty();
    }

    @Test
    void markersOfTurnsAreTakenIfThereAreAnyAndCannotBeForged() throws IOException {
        Tokenizer tokenizer = withTurns();
        ChatEncoder encoder = encoder(tokenizer);
        int ends = tokenizer.specialId(ChatMlEncoder.TURN_ENDS).orElseThrow();
        EncodedPrompt chat = encoder.encode(TURNS, "");
        assertThat(chat.text()).startsWith("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n");
        assertThat(chat.text()).endsWith("<|im_start|>assistant\n");
        assertThat(IntStream.of(chat.ids()).filter(id -> id == ends).count()).isEqualTo(TURNS.size());
        assertThat(encoder.endsOfTurn()).contains(ends);
        assertThat(encoder.stopText()).isEmpty();
        assertThatThrownBy(() -> new ChatMlEncoder(PLAIN))
                .isInstanceOf(InputException.class)
                .hasMessage(
                        "chat format chatml: the tokenizer must be one with <|im_start|> and <|im_end|>, got one without <|im_start|>");
    }

    @Test
    void theCheckpointsOwnTemplateComesFirst() throws IOException {
        Tokenizer tokenizer = withTurns();
        Files.writeString(
                model.resolve("chat_template.jinja"),
                "{% for message in messages %}{{ message.role }}={{ message.content }}<|im_end|>{% endfor %}>");
        Files.writeString(model.resolve("tokenizer_config.json"), "{\"eos_token\": \"<|im_end|>\"}");
        ChatEncoder encoder = encoder(tokenizer);
        int ends = tokenizer.specialId(ChatMlEncoder.TURN_ENDS).orElseThrow();
        EncodedPrompt chat = encoder.encode(TURNS.subList(3, 5), "a");
        assertThat(chat.text()).isEqualTo("tool=42<|im_end|>user=<|im_end|><|im_end|>>a");
        assertThat(IntStream.of(chat.ids()).filter(id -> id == ends).count()).isEqualTo(2);
        assertThat(encoder.endsOfTurn()).contains(ends);
        assertThatThrownBy(() -> encoder.encode(List.of(ChatTurn.of(ChatRole.USER, everyMark())), ""))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("U+FDD0");
    }

    @Test
    void theTokenThatATemplateWritesBehindAnAnswerEndsOneToo() throws IOException {
        Tokenizer tokenizer = withTurns();
        int ends = tokenizer.specialId(ChatMlEncoder.TURN_ENDS).orElseThrow();
        Files.writeString(
                model.resolve("chat_template.jinja"),
                "{% for message in messages %}{{ message.role }}={{ message.content | trim }}\n<|im_end|>{% endfor %}>");
        Files.writeString(model.resolve("tokenizer_config.json"), "{\"eos_token\": \"<|endoftext|>\"}");
        assertThat(encoder(tokenizer).endsOfTurn()).containsExactlyInAnyOrder(tokenizer.endOfTextId(), ends);
        Files.writeString(model.resolve("chat_template.jinja"), "{{ raise_exception('never') }}");
        assertThat(encoder(tokenizer).endsOfTurn()).containsExactly(tokenizer.endOfTextId());
    }

    @Test
    void whatTheModelThoughtStandsApartFromWhatItSaid() throws IOException {
        Files.writeString(
                model.resolve("chat_template.jinja"),
                "{% for m in messages %}{{ m.role }}:{{ m.reasoning_content }}|{{ m.content }};{% endfor %}</think>");
        String thought = "<think>\nwell,\nso\n</think>\n\nyes";
        List<ChatTurn> turns = List.of(
                ChatTurn.of(ChatRole.USER, thought),
                ChatTurn.of(ChatRole.ASSISTANT, thought),
                ChatTurn.of(ChatRole.ASSISTANT, "so</think>no"),
                ChatTurn.of(ChatRole.ASSISTANT, "a <think>b</think>"));
        assertThat(encoder(PLAIN).encode(turns, "").text())
                .isEqualTo("user:|" + thought + ";assistant:well,\nso|yes;assistant:so|no;"
                        + "assistant:|a <think>b</think>;</think>");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '"',
            value = {"m.content; <think>well</think>yes; 3", "m.content.split('</think>')[-1]; yes; 1"})
    void aTemplateWithoutAFieldForThoughtsFindsThemInTheText(String shown, String text, int marks) throws IOException {
        Files.writeString(
                model.resolve("chat_template.jinja"),
                "{% for m in messages %}{{ " + shown
                        + " }};{% endfor %}{% if add_generation_prompt %}<think>{% endif %}");
        Tokenizer tokenizer = with("<think>", "</think>");
        List<ChatTurn> turns = List.of(
                ChatTurn.of(ChatRole.USER, "<think>a"), ChatTurn.of(ChatRole.ASSISTANT, "<think>well</think>yes"));
        EncodedPrompt prompt = encoder(tokenizer).encode(turns, "");
        assertThat(prompt.text()).isEqualTo("<think>a;" + text + ";<think>");
        assertThat(IntStream.of(prompt.ids())
                        .filter(id -> !tokenizer.isText(id))
                        .count())
                .as("the user's mark is text")
                .isEqualTo(marks);
    }

    private static String everyMark() {
        StringBuilder marks = new StringBuilder();
        for (char mark = '\ufdd0'; mark <= '\ufdef'; mark++) {
            marks.append(mark);
        }
        return marks.toString();
    }
}
