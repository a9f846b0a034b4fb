package dev.saiki.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A tokenizer in `vocab.json` and `merges.txt` gives the ids of the `tokenizer.json` with the same content.
final class VocabularyFilesTest {

    private static final Tokenizer WHOLE = BytePairTrainer.train(
            List.of("the whale and the ship in 1851 the whales' ships").iterator(),
            BytePairTrainer.SMALLEST_VOCABULARY + 8);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @BeforeEach
    void write() throws IOException {
        JsonNode model = JsonMapper.shared().readTree(WHOLE.json()).path("model");
        ObjectNode vocabulary = (ObjectNode) model.path("vocab");
        Files.writeString(
                folder.resolve("vocab.json"),
                vocabulary.put(Tokenizer.END_OF_TEXT, WHOLE.endOfTextId()).toString());
        String merges = model.path("merges").values().stream()
                .map(JsonNode::stringValue)
                .collect(Collectors.joining("\n"));
        Files.writeString(folder.resolve("merges.txt"), "#version: 0.2\n" + merges + "\n");
    }

    private Tokenizer read(String settings) throws IOException {
        Files.writeString(folder.resolve("tokenizer_config.json"), settings);
        return Tokenizer.parse(new VocabularyFiles(folder).tokenizerJson(), "t.json");
    }

    @Test
    void idsAreThoseOfTheWholeTokenizer() throws IOException {
        Tokenizer tokenizer = read("{\"eos_token\": \"<|endoftext|>\"}");
        String text = "the whale's ships, in 1851é\n\n the\u2003<|endoftext|>";
        assertThat(tokenizer.encode(text)).isEqualTo(WHOLE.encode(text));
        assertThat(tokenizer.encodeWithSpecials(text)).isEqualTo(WHOLE.encodeWithSpecials(text));
        assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"GPT2Tokenizer, e\u0301", "Qwen2Tokenizer, é"})
    void theClassDecidesHowTextIsRead(String name, String decoded) throws IOException {
        Tokenizer tokenizer = read("{\"tokenizer_class\": \"" + name + "\", \"added_tokens_decoder\": {\"0\":"
                + " {\"content\": \"<|endoftext|>\", \"special\": true}, \"301\": {\"content\": \"<tool>\"}}}");
        assertThat(tokenizer.endOfTextId()).isEqualTo(WHOLE.endOfTextId());
        assertThat(tokenizer.specialId("<tool>")).contains(301);
        assertThat(tokenizer.decode(tokenizer.encode("e\u0301"))).isEqualTo(decoded);
    }

    @Test
    void anotherClassIsRefusedByName() {
        assertThatThrownBy(() -> read("{\"tokenizer_class\": \"CodeGenTokenizer\"}"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("tokenizer_config.json: tokenizer_class beside vocab.json and merges.txt must be"
                        + " GPT2Tokenizer or Qwen2Tokenizer")
                .hasMessageEndingWith("got CodeGenTokenizer");
        assertThatThrownBy(() -> read("{\"added_tokens_decoder\": {\"x\": {}}}"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("a token's id, got x");
    }
}
