package dev.saiki.text.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TokenizerReaderTest {

    private static final String VALID = Tokenizers.json(List.of("a b", "ab c"));
    private static final String BYTE_LEVEL = "\"pre_tokenizer\" : {\n    \"type\" : \"ByteLevel\",";

    private static final String DECODER = "{\"decoder\": {\"type\": \"ByteLevel\"}, ";

    private static final String LLAMA_3 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+|"
            + "\\\\p{N}{1,3}| ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n]*|\\\\s*[\\\\r\\\\n]+|\\\\s+(?!\\\\S)|\\\\s+";

    private static Tokenizer parse(String json) {
        return Tokenizer.parse(json.getBytes(StandardCharsets.UTF_8), "t.json");
    }

    private static String with(String from, String to) {
        assertThat(VALID).contains(from);
        return VALID.replace(from, to);
    }

    /// The valid file with another pre-tokenizer.
    private static String preTokenizer(String json) {
        int start = VALID.indexOf("\"pre_tokenizer\"");
        int end = VALID.indexOf("\"post_processor\"");
        return VALID.substring(0, start) + "\"pre_tokenizer\": " + json + ",\n" + VALID.substring(end);
    }

    private static String sequence(String first) {
        return preTokenizer("{\"type\": \"Sequence\", \"pretokenizers\": [" + first
                + ", {\"type\": \"ByteLevel\", \"add_prefix_space\": false, \"use_regex\": false}]}");
    }

    private static String split(String regex) {
        return sequence("{\"type\": \"Split\", \"pattern\": {\"Regex\": \"" + regex
                + "\"}, \"behavior\": \"Isolated\", \"invert\": false}");
    }

    private static String unigram(String unknown, String pieces) {
        return "{\"decoder\": {\"type\": \"Fuse\"}, \"model\": {\"type\": \"Unigram\", " + unknown + " \"vocab\": ["
                + pieces + "]}}";
    }

    private static String longPieces() {
        String letters = "a".repeat(1_000);
        return IntStream.range(0, 9_000)
                .mapToObj(piece -> "[\"" + letters + piece + "\", 0]")
                .collect(Collectors.joining(","));
    }

    @Test
    void aNormalizerThatMakesATextFarLongerIsAnError() {
        String doubles =
                "{\"type\": \"Replace\", \"pattern\": {\"String\": \"a\"}, \"content\": \"" + "a".repeat(64) + "\"}";
        Tokenizer tokenizer = parse(with(
                "\"normalizer\" : null",
                "\"normalizer\" : {\"type\": \"Sequence\", \"normalizers\": [" + doubles + "," + doubles + "]}"));
        assertThatThrownBy(() -> tokenizer.encode("a".repeat(100)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("makes the text more than 64 times as long");
    }

    @ParameterizedTest
    @ValueSource(strings = {"(?:a|b|ab)*(?=c)", "a*a*a*a*b"})
    void anExpressionThatTakesTooMuchTimeOrMemoryIsAnError(String expression) {
        Tokenizer tokenizer = parse(split(expression));
        assertThatThrownBy(() -> tokenizer.encode("a".repeat(20_000)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("takes too much time or memory");
    }

    static Stream<Arguments> whatIsRefused() {
        return Stream.of(
                Arguments.of("[]", "a JSON object"),
                Arguments.of("", "t.json"),
                Arguments.of("{", "not a readable JSON file"),
                Arguments.of("{}", "model"),
                Arguments.of(
                        with("\"normalizer\" : null", "\"normalizer\" : {\"type\": \"Nmt\"}"),
                        "a normalizer other than"),
                Arguments.of(with("\"type\" : \"BPE\"", "\"type\" : \"WordPiece\""), "WordPiece"),
                Arguments.of(unigram("", "[\"a\", 0]"), "model.unk_id"),
                Arguments.of(unigram("\"unk_id\": 1,", "[\"a\", 0]"), "model.unk_id must be below 1, got 1"),
                Arguments.of(unigram("\"unk_id\": 0,", "[\"a\", 0], [\"a\", 0]"), "model.vocab[1]"),
                Arguments.of(unigram("\"unk_id\": 0,", "[\"a\", 1e999]"), "model.vocab[0]"),
                Arguments.of(unigram("\"unk_id\": 0,", "7"), "model.vocab[0]"),
                Arguments.of(
                        with(
                                "\"normalizer\" : null",
                                "\"normalizer\" : {\"type\": \"Precompiled\", \"precompiled_charsmap\": \"AQID\"}"),
                        "normalizer.precompiled_charsmap"),
                Arguments.of(
                        with(
                                "\"normalizer\" : null",
                                "\"normalizer\" : {\"type\": \"Precompiled\", \"precompiled_charsmap\": \""
                                        + CharsmapSample.of(Map.of("a", "b".repeat(65))) + "\"}"),
                        "replacements of at most 64 bytes"),
                Arguments.of(
                        with(
                                "\"normalizer\" : null",
                                "\"normalizer\" : {\"type\": \"Prepend\", \"prepend\": \"" + "a".repeat(65) + "\"}"),
                        "normalizer.prepend must be at most 64 characters, got 65"),
                Arguments.of(
                        unigram("\"unk_id\": 0,", longPieces()), "model.vocab must be at most 8388608 characters long"),
                Arguments.of(with("\"dropout\" : null", "\"dropout\" : 0.1"), "dropout"),
                Arguments.of(
                        with("\"end_of_word_suffix\" : null", "\"end_of_word_suffix\" : \"</w>\""),
                        "end_of_word_suffix"),
                Arguments.of(with("\"truncation\"", "\"trunction\""), "did you mean truncation?"),
                Arguments.of(preTokenizer("null"), "pre_tokenizer"),
                Arguments.of(preTokenizer("{\"type\": \"Whitespace\"}"), "Whitespace"),
                Arguments.of(
                        preTokenizer("{\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"Digits\"},"
                                + " {\"type\": \"ByteLevel\", \"add_prefix_space\": true}]}"),
                        "add_prefix_space"),
                Arguments.of(
                        sequence("{\"type\": \"Punctuation\", \"behavior\": \"Merged\"}"),
                        "pre_tokenizer.behavior must be one of Contiguous, Isolated,"),
                Arguments.of(split("^*a"), "^*a"),
                Arguments.of(split("(?<=a+)b"), "(?<=a+)b"),
                Arguments.of(split("[(?<=a]b"), "[(?<=a]b"),
                Arguments.of(
                        with(
                                "\"decoder\" : {\n    \"type\" : \"ByteLevel\"",
                                "\"decoder\" : {\n    \"type\" : " + "\"Metaspace\""),
                        "Metaspace"),
                Arguments.of(with("\"abc\" : 258", "\"abc\" : 257"), "a text with a unique id"),
                Arguments.of(with("\"abc\" : 258", "\"abc\" : 2000000000"), "an id below 1048576"),
                Arguments.of(with("\"abc\" : 258", "\"abc\" : -1"), "an id below"),
                Arguments.of(with("\"abc\" : 258", "\"abc\" : 1.5"), "an id below"),
                Arguments.of(with("\"abc\" : 258", "\"abc\" : 258, \"abc\" : 258"), "abc"),
                Arguments.of(with("\"abc\" : 258", "\"a c\" : 258"), "byte alphabet"),
                Arguments.of(
                        with("\"unk_token\" : null", "\"unk_token\" : \"?!\"").replace("\"Ġ\"", "\"ĠĠ\""),
                        "model.unk_token must be in model.vocab, got '?!'"),
                Arguments.of(with("\"ab c\"", "\"ab d\""), "merges[1]"),
                Arguments.of(with("\"ab c\"", "\"a b\""), "merges[1]"),
                Arguments.of(with("\"ab c\"", "\"abc\""), "merges[1]"),
                Arguments.of(with("\"ab c\"", "[\"ab\", \"c\", \"d\"]"), "merges[1]"),
                Arguments.of(with("\"ab c\"", "7"), "merges[1]"),
                Arguments.of(with("\"id\" : 0", "\"id\" : 99999999"), "added_tokens[0].id"),
                Arguments.of(with("\"id\" : 0", "\"id\" : 5"), "added_tokens"),
                Arguments.of(with("\"content\" : \"<|endoftext|>\"", "\"content\" : \"\""), "content"),
                Arguments.of("[".repeat(100_000), "t.json"),
                Arguments.of(VALID + "7", "a single JSON object"),
                Arguments.of(VALID.substring(0, VALID.indexOf("\"ab c\"")), "not a readable JSON file"),
                Arguments.of(DECODER + "\"model\": {\"type\": \"BPE\", \"vocab\": []}}", "model.vocab"),
                Arguments.of(
                        DECODER + "\"model\": {\"type\": \"BPE\", \"vocab\": {}, \"merges\": {}}}", "model.merges"),
                Arguments.of(DECODER + "\"model\": [[]]}", "model"));
    }

    @ParameterizedTest
    @MethodSource("whatIsRefused")
    void whatCannotBeHonouredExactlyIsRefusedByName(String json, String named) {
        assertThatThrownBy(() -> parse(json))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("t.json: ")
                .hasMessageContaining(named);
    }

    @Test
    void aTokenizerWithoutEndOfTextIsRefused() {
        assertThatThrownBy(() -> parse(VALID.replace("<|endoftext|>", "<|begin|>")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no end-of-text token")
                .hasMessageContaining("<|endoftext|>");
    }

    @Test
    void theFileThatTheOthersDifferFromIsRead() {
        assertThat(VALID).contains(BYTE_LEVEL);
        assertThat(parse(VALID).encode("abc")).containsExactly(258);
    }

    @Test
    void mergesMayComeBeforeTheVocabulary() {
        int merges = VALID.indexOf("\"merges\"");
        String list = VALID.substring(merges, VALID.indexOf(']', merges) + 1);
        String first = VALID.replace(list, "\"ignore_merges\": false").replace("\"ignore_merges\" : false", list);
        assertThat(first.indexOf("\"merges\"")).isLessThan(first.indexOf("\"vocab\""));
        assertThat(parse(first).encode("abcab")).isEqualTo(parse(VALID).encode("abcab"));
    }

    @Test
    void idsMayHaveGaps() {
        Tokenizer tokenizer = parse(with("\"abc\" : 258", "\"abc\" : 300"));
        assertThat(tokenizer.vocabSize()).isEqualTo(301);
        assertThat(tokenizer.encode("abc")).containsExactly(300);
        assertThat(tokenizer.decode(new int[] {299})).isEmpty();
    }

    @Test
    void textIsComposedWhereTheTokenizerAsksForIt() {
        Tokenizer tokenizer = parse(with("\"normalizer\" : null", "\"normalizer\" : {\"type\": \"NFC\"}"));
        assertThat(tokenizer.decode(tokenizer.encode("cafe\u0301"))).isEqualTo("caf\u00E9");
        assertThat(tokenizer.decode(tokenizer.encodeWithSpecials("cafe\u0301<|endoftext|>")))
                .isEqualTo("caf\u00E9<|endoftext|>");
    }

    @Test
    void theRuleOfLlama3IsKnown() {
        Tokenizer tokenizer = parse(split(LLAMA_3));
        assertThat(tokenizer.decode(tokenizer.encode("It'S 2024\r\n\r\n  abc"))).isEqualTo("It'S 2024\r\n\r\n  abc");
        assertThat(tokenizer.encode("abc")).containsExactly(258);
    }

    @Test
    void digitsMayBeSetApart() {
        Tokenizer tokenizer = parse(preTokenizer("{\"type\": \"Sequence\", \"pretokenizers\": ["
                + "{\"type\": \"Digits\", \"individual_digits\": true},"
                + "{\"type\": \"ByteLevel\", \"add_prefix_space\": false, \"use_regex\": true}]}"));
        assertThat(tokenizer.decode(tokenizer.encode("in 1851, abc½x"))).isEqualTo("in 1851, abc½x");
    }

    @Test
    void ignoredMergesTakeAWholeWordAtOnce() {
        String merges = Tokenizers.json(List.of("b c", "a b", "ab c"));
        assertThat(parse(merges).encode("abc")).hasSize(2);
        String ignoring = merges.replace("\"ignore_merges\" : false", "\"ignore_merges\" : true");
        assertThat(parse(ignoring).encode("abc")).hasSize(1);
        assertThat(parse(ignoring).encode("abcabc")).hasSize(4);
    }
}
