package dev.saiki.text.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.saiki.io.InputException;
import dev.saiki.text.corpus.RandomText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Tokenizers in SentencePiece's form give the same ids as Hugging Face's library.
final class PieceTokenizerTest {

    /// The form of Llama 2 and Mistral.
    private static final String LLAMA = """
            "normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"},
              {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
            "pre_tokenizer": null,
            "decoder": {"type": "Sequence", "decoders": [
              {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
              {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}
            """;

    /// The form of Gemma, whose split never finds a space.
    private static final String GEMMA = """
            "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
            "pre_tokenizer": {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious",
              "invert": false},
            "decoder": {"type": "Sequence", "decoders": [
              {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}]}
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    /// The form of newer files of the same models.
    private static String metaspace(String scheme, boolean split) {
        String settings = "{\"type\": \"Metaspace\", \"replacement\": \"▁\", \"prepend_scheme\": \"" + scheme
                + "\", \"split\": " + split + "}";
        return "\"normalizer\": null, \"pre_tokenizer\": " + settings
                + ", \"decoder\": {\"type\": \"Sequence\", \"decoders\": [{\"type\": \"ByteFallback\"}, " + settings
                + "]}";
    }

    @ParameterizedTest
    @ValueSource(strings = {"RobertaProcessing", "BertProcessing"})
    void processorsThatPutTokensAroundATextAreRefused(String type) {
        ObjectNode root = (ObjectNode) JsonMapper.shared().readTree(json(LLAMA, true, true));
        root.putObject("post_processor").put("type", type);
        byte[] bytes = root.toString().getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> Tokenizer.parse(bytes, "t.json"))
                .isInstanceOf(InputException.class)
                .hasMessage("t.json: post_processor must be TemplateProcessing, ByteLevel or absent, got " + type);
    }

    @Test
    void spacesMustBeReplacedBeforeAnySplit() {
        String late = LLAMA.replace(
                "\"pre_tokenizer\": null",
                "\"pre_tokenizer\": {\"type\": \"Sequence\","
                        + " \"pretokenizers\": [{\"type\": \"Digits\"}, {\"type\": \"Metaspace\", \"replacement\": \"▁\"}]}");
        assertThatThrownBy(() -> Tokenizer.parse(json(late, true, true), "t.json"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("a pre_tokenizer Metaspace that is not first");
    }

    /// The form of Llama 2 with splits.
    private static String splits() {
        return LLAMA.replace(
                "\"pre_tokenizer\": null",
                "\"pre_tokenizer\": {\"type\": \"Sequence\", \"pretokenizers\": ["
                        + "{\"type\": \"Split\", \"pattern\": {\"String\": \"▁\"}, \"behavior\": \"MergedWithNext\", \"invert\": false},"
                        + "{\"type\": \"Punctuation\"}, {\"type\": \"Digits\", \"individual_digits\": true}]}");
    }

    private static byte[] json(String surroundings, boolean bytes, boolean fuses) {
        ObjectNode root = (ObjectNode) JsonMapper.shared().readTree("{" + surroundings + "}");
        root.put("version", "1.0");
        ArrayNode added = root.putArray("added_tokens");
        List<String> marks = List.of("<unk>", "<s>", "</s>");
        for (int id = 0; id < marks.size(); id++) {
            ObjectNode token = added.addObject().put("id", id).put("content", marks.get(id));
            List.of("single_word", "lstrip", "rstrip", "normalized").forEach(option -> token.put(option, false));
            token.put("special", true);
        }
        ObjectNode processor = root.putObject("post_processor").put("type", "TemplateProcessing");
        ArrayNode single = processor.putArray("single");
        single.addObject().putObject("SpecialToken").put("id", "<s>").put("type_id", 0);
        single.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
        processor
                .putArray("pair")
                .addObject()
                .putObject("Sequence")
                .put("id", "A")
                .put("type_id", 0);
        ObjectNode begin =
                processor.putObject("special_tokens").putObject("<s>").put("id", "<s>");
        begin.putArray("ids").add(1);
        begin.putArray("tokens").add("<s>");
        ObjectNode model = root.putObject("model").put("type", "BPE").put("unk_token", "<unk>");
        model.put("fuse_unk", fuses).put("byte_fallback", bytes);
        ObjectNode vocabulary = model.putObject("vocab");
        marks.forEach(mark -> vocabulary.put(mark, vocabulary.size()));
        for (int value = 0; bytes && value < 256; value++) {
            vocabulary.put("<0x%02X>".formatted(value), vocabulary.size());
        }
        "▁abcdefghijklmnopqrstuvwxyz.,日本語é"
                .codePoints()
                .forEach(c -> vocabulary.put(Character.toString(c), vocabulary.size()));
        ArrayNode merges = model.putArray("merges");
        for (String merge :
                List.of("▁ t", "h e", "▁t he", "▁ ▁", "▁▁ ▁▁", "a a", "aa a", "i n", "▁ a", "日 本", "in g", "e r")) {
            merges.add(merge);
            vocabulary.put(merge.replace(" ", ""), vocabulary.size());
        }
        return root.toString().getBytes(StandardCharsets.UTF_8);
    }

    /// The `tokenizer.json` of a small tokenizer in the form of Llama 2.
    static byte[] llama() {
        return json(LLAMA, true, true);
    }

    /// The `tokenizer.json` of a small Unigram tokenizer with a table of replacements.
    static byte[] unigram() {
        return normalized(unigram(json(metaspace("always", true), true, true)));
    }

    private static byte[] without(String part, byte[] json) {
        String text = new String(json, StandardCharsets.UTF_8);
        assertThat(text).contains(part);
        return text.replace(part, "").getBytes(StandardCharsets.UTF_8);
    }

    /// Added tokens that take the spaces behind them.
    private static byte[] phi() {
        ObjectNode root = (ObjectNode) JsonMapper.shared().readTree(llama());
        root.path("added_tokens").values().forEach(token -> ((ObjectNode) token).put("rstrip", true));
        return root.toString().getBytes(StandardCharsets.UTF_8);
    }

    /// The same pieces with scores, many of them equal.
    private static byte[] unigram(byte[] json) {
        ObjectNode root = (ObjectNode) JsonMapper.shared().readTree(json);
        Random random = new Random(7);
        ObjectNode model =
                JsonMapper.shared().createObjectNode().put("type", "Unigram").put("unk_id", 0);
        model.set("byte_fallback", root.path("model").path("byte_fallback"));
        ArrayNode pieces = model.putArray("vocab");
        root.path("model")
                .path("vocab")
                .propertyNames()
                .forEach(piece -> pieces.addArray().add(piece).add(-random.nextInt(24) / 2.0));
        root.set("model", model);
        return root.toString().getBytes(StandardCharsets.UTF_8);
    }

    /// The form that Hugging Face's converter gives to a `tokenizer.model` with a table of replacements.
    private static byte[] normalized(byte[] json) {
        ObjectNode root = (ObjectNode) JsonMapper.shared().readTree(json);
        String table = CharsmapSample.of(Map.of(
                "Ａ", "a", "ﬁ", "in", "e\u0301", "é", "\u3000", " ", "\n", " ", "\t", " ", "日", "本日", "\u200B", "",
                "hin", "b", "\u0301", "x"));
        ArrayNode steps = root.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
        steps.addObject().put("type", "Precompiled").put("precompiled_charsmap", table);
        steps.addObject().put("type", "Strip").put("strip_left", false).put("strip_right", true);
        ObjectNode spaces = steps.addObject().put("type", "Replace").put("content", "▁");
        spaces.putObject("pattern").put("Regex", " {2,}");
        return root.toString().getBytes(StandardCharsets.UTF_8);
    }

    static Stream<Arguments> kinds() {
        return Stream.of(
                Arguments.of("Unigram", unigram(json(LLAMA, true, true))),
                Arguments.of("Unigram without bytes", unigram(json(metaspace("first", false), false, true))),
                Arguments.of("Unigram, words apart", unigram(json(metaspace("always", true), true, true))),
                Arguments.of(
                        "Unigram, words apart without bytes", unigram(json(metaspace("always", true), false, true))),
                Arguments.of("Unigram, normalized", unigram()),
                Arguments.of("BPE, normalized", normalized(json(metaspace("always", false), false, false))),
                Arguments.of("Llama 2", json(LLAMA, true, true)),
                Arguments.of("without bytes", json(LLAMA, false, true)),
                Arguments.of("without bytes, each unknown", json(LLAMA, false, false)),
                Arguments.of(
                        "without bytes, none unknown", without("\"unk_token\":\"<unk>\",", json(LLAMA, false, true))),
                Arguments.of("Gemma", json(GEMMA, true, true)),
                Arguments.of("Phi 3", phi()),
                Arguments.of("splits", json(splits(), true, true)),
                Arguments.of(
                        "Gemma without replacement",
                        json(GEMMA.replaceFirst("\"normalizer\": .*", "\"normalizer\": null,"), true, true)),
                Arguments.of("first", json(metaspace("first", false), true, true)),
                Arguments.of("always", json(metaspace("always", false), true, true)),
                Arguments.of("never", json(metaspace("never", false), true, true)),
                Arguments.of("words apart", json(metaspace("always", true), true, true)));
    }

    private static String text(long seed) {
        Random random = new Random(seed);
        String letters = " abcehinrtg.,日本語é  \n🙂ＡﬁÉé\u0301\u3000\t\u200Bñ";
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(60); i >= 0; i--) {
            int at = random.nextInt(letters.length());
            text.append(Character.isSurrogate(letters.charAt(at)) ? "🙂" : letters.charAt(at));
        }
        return seed % 3 == 0 ? Tokenizer.wellFormed(RandomText.unicode(random, 30)) : text.toString();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    void idsAndTextsAreEqual(String name, byte[] json) throws IOException {
        Path file = folder.resolve("tokenizer.json");
        Files.write(file, json);
        Tokenizer tokenizer = Tokenizer.load(file);
        try (HuggingFaceTokenizer oracle = HuggingFaceTokenizer.newInstance(file)) {
            for (long seed = 0; seed < 3_000; seed++) {
                String text = text(seed);
                String marked = seed % 5 == 0 ? "<s>" + text + "</s>" + text : text;
                int[] ids = Arrays.stream(oracle.encode(marked, false, false).getIds())
                        .mapToInt(Math::toIntExact)
                        .toArray();
                assertThat(tokenizer.encodeWithSpecials(marked))
                        .as("seed %d: %s", seed, marked)
                        .isEqualTo(ids);
                String decoded = oracle.decode(Arrays.stream(ids).asLongStream().toArray(), false);
                // Hugging Face's Metaspace removes all spaces of the first token, not only the one that was added.
                assertThat(tokenizer.decode(ids).stripLeading())
                        .as("text of seed %d", seed)
                        .isEqualTo(decoded.stripLeading());
                int[] prompt = Arrays.stream(oracle.encode(text, true, false).getIds())
                        .mapToInt(Math::toIntExact)
                        .toArray();
                assertThat(tokenizer.encodePrompt(text))
                        .as("prompt of seed %d", seed)
                        .isEqualTo(prompt);
            }
        }
    }

    @Test
    void textComesBackAsItWentIn() {
        Tokenizer tokenizer = Tokenizer.parse(json(LLAMA, true, true), "t.json");
        for (long seed = 0; seed < 2_000; seed++) {
            String text = text(seed);
            assertThat(tokenizer.decode(tokenizer.encode(text)))
                    .as("seed %d", seed)
                    .isEqualTo(text);
        }
        assertThat(tokenizer.encodePrompt("")).containsExactly(1);
        assertThat(tokenizer.parts("a\nb ".repeat(TextChunks.CHARACTERS))).hasSize(1);
    }

    /// The whole is the oracle, which another test holds against Hugging Face's library; nothing merges
    /// behind a point.
    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    void aTextThatGoesOnWithAnotherGetsNoSpaceBeforeIt(String name, byte[] json) {
        Tokenizer tokenizer = Tokenizer.parse(json, "t.json");
        for (String next : List.of("the ring", " the ring", "")) {
            int[] before = tokenizer.encodeWithSpecials("<s>at.");
            int[] whole = tokenizer.encodeWithSpecials("<s>at." + next);
            assertThat(tokenizer.encodeContinuation("<s>at.", next, ""))
                    .as(next)
                    .isEqualTo(Arrays.copyOfRange(whole, before.length, whole.length));
        }
        int[] behindToken = tokenizer.encodeWithSpecials("at</s>the ring");
        int begin = tokenizer.encodeWithSpecials("at</s>").length;
        assertThat(tokenizer.encodeContinuation("at</s>", "the ring", ""))
                .isEqualTo(Arrays.copyOfRange(behindToken, begin, behindToken.length));
    }

    @Test
    void aMissingByteWithoutTheNamedUnknownTokenIsRefused() {
        String json = new String(json(LLAMA, true, true), StandardCharsets.UTF_8)
                .replace("\"unk_token\":\"<unk>\"", "\"unk_token\":\"?!\"")
                .replace("\"<0x0A>\"", "\"<0x0a>\"");
        assertThatThrownBy(() -> Tokenizer.parse(json.getBytes(StandardCharsets.UTF_8), "t.json"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("model.unk_token");
    }
}
