package dev.saiki.text.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.corpus.RandomText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Ids equal those of Hugging Face's own library, which reads the files that Saiki writes.
final class TokenizerOracleTest {

    private static final String CL100K = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}{1,3}"
            + "| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+";

    @SuppressWarnings("NullAway.Init")
    private static Tokenizer tokenizer;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path folder;

    @BeforeAll
    static void train() {
        tokenizer = Tokenizers.small();
    }

    private static HuggingFaceTokenizer oracle(Tokenizer subject) throws IOException {
        Path file = folder.resolve(subject.hash() + ".json");
        subject.save(file);
        return HuggingFaceTokenizer.builder()
                .optTokenizerPath(file)
                .optAddSpecialTokens(false)
                .optTruncation(false)
                .optPadding(false)
                .build();
    }

    private static int[] ids(HuggingFaceTokenizer oracle, String text) {
        return Arrays.stream(oracle.encode(text, false, false).getIds())
                .mapToInt(Math::toIntExact)
                .toArray();
    }

    @Test
    void idsOfRandomUnicodeAreEqual() throws IOException {
        try (HuggingFaceTokenizer oracle = oracle(tokenizer)) {
            for (long seed = 0; seed < 5_000; seed++) {
                String text = RandomText.unicode(new Random(seed), 1 + (int) (seed % 50))
                        .replace(Tokenizer.END_OF_TEXT, "<|end|>");
                assertThat(tokenizer.encode(text)).as("seed %d: %s", seed, text).isEqualTo(ids(oracle, text));
            }
        }
    }

    @Test
    void idsOfRealTextAreEqual() throws IOException {
        compareBuiltInCorpus(8);
    }

    @Test
    @Tag("slow")
    void idsOfTheWholeBuiltInCorpusAreEqual() throws IOException {
        compareBuiltInCorpus(1);
    }

    private static void compareBuiltInCorpus(int step) throws IOException {
        try (HuggingFaceTokenizer oracle = oracle(tokenizer);
                Stream<Document> documents = Corpus.builtIn().documents()) {
            List<Document> all = documents.toList();
            for (int i = all.size() - 1; i >= 0; i -= step) {
                assertThat(tokenizer.encode(all.get(i).text()))
                        .as(all.get(i).name())
                        .isEqualTo(ids(oracle, all.get(i).text()));
            }
        }
    }

    /// Every behavior of a split, with matches that touch, matches between others, and empty ones.
    static Stream<Arguments> splits() {
        return Stream.of("Isolated", "Removed", "Contiguous", "MergedWithPrevious", "MergedWithNext")
                .flatMap(behavior -> Stream.of("\\s", "[a-m]+|[o-z]", "(?=[A-Z])|\\d*", "^.|.$|-")
                        .flatMap(regex -> Stream.of(true, false)
                                .map(inverted -> Arguments.of(
                                        behavior + ", " + inverted + ", " + regex,
                                        sequence(split(regex, behavior, inverted), true)))));
    }

    static Stream<Arguments> otherRules() {
        return Stream.of(
                Arguments.of("punctuation", sequence("{\"type\": \"Punctuation\"}", false)),
                Arguments.of(
                        "runs of punctuation",
                        sequence("{\"type\": \"Punctuation\", \"behavior\": \"Contiguous\"}", true)),
                Arguments.of(
                        "a string",
                        sequence(
                                "{\"type\": \"Split\", \"pattern\": {\"String\": \"e.\"}, \"behavior\": \"Removed\","
                                        + " \"invert\": false}",
                                false)),
                Arguments.of("Phi 4", sequence(split(CL100K, "Removed", true), false)),
                Arguments.of(
                        "DeepSeek Coder",
                        sequence(
                                Stream.of("[\r\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", "[一-龥ࠀ-一가-\uD7FF]+", "\\s+$")
                                        .map(regex -> split(regex, "Isolated", false))
                                        .collect(Collectors.joining(
                                                ",", "", ",{\"type\": \"Digits\", \"individual_digits\": true}")),
                                false)),
                Arguments.of("Llama 3", split(WordPatterns.LLAMA_3)),
                Arguments.of("Qwen 2", split(WordPatterns.QWEN_2)),
                Arguments.of("GPT-4o", split(WordPatterns.GPT_4O)),
                Arguments.of("NFC", "\"normalizer\": {\"type\": \"NFC\"},\n" + split(WordPatterns.QWEN_2)),
                Arguments.of("GPT-2 as a pattern", split(WordPatterns.GPT_2)),
                Arguments.of("lookaround", split("(?<=[a-z])(?=[A-Z^])|(?<!\\p{N})\\p{N}{1,2}(?!\\p{L})|(?<=\\s)\\S+")),
                Arguments.of(
                        "DeepSeek 3",
                        split("[!\\-/:-@\\[-`{-~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
                                + "| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+")),
                Arguments.of("without accents", normalizer("{\"type\": \"NFKD\"}, {\"type\": \"StripAccents\"}")),
                Arguments.of("lower case", normalizer("{\"type\": \"Lowercase\"}")),
                Arguments.of(
                        "stripped and replaced",
                        normalizer("{\"type\": \"Strip\", \"strip_left\": true, \"strip_right\": true},"
                                + "{\"type\": \"Replace\", \"pattern\": {\"Regex\": \"(?<=\\\\p{L})\\\\s+\"}, \"content\": \"$0-\"},"
                                + "{\"type\": \"Replace\", \"pattern\": {\"String\": \"a\"}, \"content\": \"bb\"},"
                                + "{\"type\": \"Prepend\", \"prepend\": \"x \"}")),
                Arguments.of("SmolLM", sequence("{\"type\": \"Digits\", \"individual_digits\": true}", true)),
                Arguments.of("runs of digits", sequence("{\"type\": \"Digits\", \"individual_digits\": false}", true)));
    }

    private static String normalizer(String steps) {
        return "\"normalizer\": {\"type\": \"Sequence\", \"normalizers\": [" + steps + "]},\n"
                + split(WordPatterns.QWEN_2);
    }

    private static String split(String regex) {
        return sequence(split(regex, "Isolated", false), false);
    }

    private static String split(String regex, String behavior, boolean inverted) {
        String quoted = JsonMapper.shared().writeValueAsString(regex);
        return "{\"type\": \"Split\", \"pattern\": {\"Regex\": " + quoted + "}, \"behavior\": \"" + behavior
                + "\", \"invert\": " + inverted + "}";
    }

    private static String sequence(String first, boolean gpt2) {
        return "\"pre_tokenizer\": {\"type\": \"Sequence\", \"pretokenizers\": [" + first
                + ", {\"type\": \"ByteLevel\", \"add_prefix_space\": false, \"trim_offsets\": true, \"use_regex\": "
                + gpt2 + "}]},\n";
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"otherRules", "splits"})
    void idsUnderTheWordRulesOfOthersAreEqual(String rule, String settings) throws IOException {
        String json = Tokenizers.json(tokenizer);
        String changed = json.substring(
                        0, json.indexOf(settings.startsWith("\"normalizer") ? "\"normalizer\"" : "\"pre_tokenizer\""))
                + settings
                + json.substring(json.indexOf("\"post_processor\""));
        Tokenizer other = Tokenizer.parse(changed.getBytes(StandardCharsets.UTF_8), rule);
        try (HuggingFaceTokenizer oracle = oracle(other)) {
            for (long seed = 0; seed < 2_000; seed++) {
                String text = RandomText.unicode(new Random(seed), 1 + (int) (seed % 50))
                        .replace(Tokenizer.END_OF_TEXT, "<|end|>");
                if (rule.equals("without accents")) {
                    // Hugging Face's library does not know the marks of newer versions of Unicode.
                    text = text.replaceAll("[^\\x{0}-\\x{52F}]", "");
                }
                assertThat(other.encode(text)).as("seed %d: %s", seed, text).isEqualTo(ids(oracle, text));
            }
        }
    }

    /// SmolLM 2 lacks 21 bytes, among them those of control characters and of invalid UTF-8.
    @ParameterizedTest
    @CsvSource({"null, false", "'\"<|endoftext|>\"', false", "'\"<|endoftext|>\"', true"})
    void idsWithMissingBytesAreEqual(String unknown, boolean fuses) throws IOException {
        ObjectNode root = (ObjectNode) JsonMapper.shared().readTree(Tokenizers.json(tokenizer));
        ObjectNode model = (ObjectNode) root.path("model");
        model.put("fuse_unk", fuses).set("unk_token", JsonMapper.shared().readTree(unknown));
        String lost = "qĠÅĤģĢĠâ×ãå\u00E7";
        Predicate<String> isLost = token -> token.codePoints().anyMatch(c -> lost.indexOf(c) >= 0);
        ((ObjectNode) model.path("vocab")).properties().removeIf(entry -> isLost.test(entry.getKey()));
        List<JsonNode> merges = model.path("merges").values().stream()
                .filter(merge -> !isLost.test(merge.stringValue()))
                .toList();
        model.putArray("merges").addAll(merges);
        Tokenizer other = Tokenizer.parse(root.toString().getBytes(StandardCharsets.UTF_8), "t.json");
        try (HuggingFaceTokenizer oracle = oracle(other)) {
            for (long seed = 0; seed < 2_000; seed++) {
                String text = RandomText.unicode(new Random(seed), 1 + (int) (seed % 50))
                                .replace(Tokenizer.END_OF_TEXT, "<|end|>")
                        + " a qq  Å日本語×\u0000q".repeat((int) (seed % 2));
                int[] ids = ids(oracle, text);
                assertThat(other.encode(text)).as("seed %d: %s", seed, text).isEqualTo(ids);
                String decoded = oracle.decode(Arrays.stream(ids).asLongStream().toArray(), false);
                // Java and Rust put different numbers of U+FFFD in place of some invalid bytes.
                assertThat(other.decode(ids).replaceAll("\uFFFD+", "?")).isEqualTo(decoded.replaceAll("\uFFFD+", "?"));
            }
        }
    }

    @Test
    void specialTokensAreReadAlike() throws IOException {
        try (HuggingFaceTokenizer oracle = oracle(tokenizer)) {
            for (String text : List.of("<|endoftext|>", "a<|endoftext|> b", "<|endoftext|><|endoftext|>x", "<|end")) {
                assertThat(tokenizer.encodeWithSpecials(text)).as(text).isEqualTo(ids(oracle, text));
            }
        }
    }

    @Test
    void decodedTextIsEqual() throws IOException {
        try (HuggingFaceTokenizer oracle = oracle(tokenizer)) {
            for (long seed = 0; seed < 500; seed++) {
                Random random = new Random(seed);
                int[] ids = random.ints(20, 1, tokenizer.vocabSize()).toArray();
                long[] wide = Arrays.stream(ids).asLongStream().toArray();
                assertThat(tokenizer.decode(ids)).as("seed %d", seed).isEqualTo(oracle.decode(wide, false));
            }
        }
    }
}
