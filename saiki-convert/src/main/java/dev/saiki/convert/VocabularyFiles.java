package dev.saiki.convert;

import dev.saiki.convert.gguf.WordRule;
import dev.saiki.convert.sentencepiece.PieceVocabulary;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A byte-level BPE tokenizer in `vocab.json` and `merges.txt`, converted to a `tokenizer.json`.
///
/// The field `tokenizer_class` of `tokenizer_config.json` decides how words are split; the fields
/// `added_tokens_decoder` and those whose names end with `_token` list the added tokens.
///
/// @param folder the model's folder
record VocabularyFiles(Path folder) {

    private static final String VOCABULARY = "vocab.json";
    private static final String MERGES = "merges.txt";
    private static final String SETTINGS = "tokenizer_config.json";
    private static final long LARGEST = 1L << 26;

    boolean arePresent() {
        return Stream.of(VOCABULARY, MERGES).map(folder::resolve).allMatch(Files::isRegularFile);
    }

    /// The files, for the model's origin.
    List<Path> paths() {
        return List.of(folder.resolve(VOCABULARY), folder.resolve(MERGES));
    }

    byte[] tokenizerJson() throws IOException {
        JsonNode settings =
                Files.exists(folder.resolve(SETTINGS)) ? json(SETTINGS) : JsonNodeFactory.instance.objectNode();
        WordRule rule = rule(settings);
        JsonNode vocabulary = json(VOCABULARY);
        ObjectNode root = PieceVocabulary.beginning();
        addTokens(settings, vocabulary, root.putArray("added_tokens"));
        if (rule.composes()) {
            root.putObject("normalizer").put("type", "NFC");
        } else {
            root.putNull("normalizer");
        }
        rule.write(root.putObject("pre_tokenizer"));
        root.putNull("post_processor");
        WordRule.byteLevel(root.putObject("decoder"), true);
        ObjectNode model = root.putObject("model").put("type", "BPE");
        model.set("vocab", vocabulary);
        ArrayNode merges = model.putArray("merges");
        text(MERGES)
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#version"))
                .forEach(merges::add);
        return root.toString().getBytes(StandardCharsets.UTF_8);
    }

    private WordRule rule(JsonNode settings) {
        String name = settings.path("tokenizer_class").stringValue("GPT2Tokenizer");
        return switch (name) {
            case "GPT2Tokenizer", "GPT2TokenizerFast" -> WordRule.GPT_2;
            case "Qwen2Tokenizer", "Qwen2TokenizerFast" -> WordRule.QWEN_2;
            default ->
                throw InputException.of(
                        folder.resolve(SETTINGS).toString(),
                        "tokenizer_class beside " + VOCABULARY + " and " + MERGES,
                        "GPT2Tokenizer or Qwen2Tokenizer, else the folder needs a tokenizer.json",
                        name);
        };
    }

    private static void addTokens(JsonNode settings, JsonNode vocabulary, ArrayNode list) {
        Map<String, Integer> special = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> setting : settings.properties()) {
            JsonNode value = setting.getValue();
            String text = value.stringValue(value.path("content").stringValue(""));
            if (setting.getKey().endsWith("_token") && vocabulary.path(text).isInt()) {
                special.put(text, vocabulary.path(text).intValue());
            }
        }
        for (Map.Entry<String, JsonNode> token :
                settings.path("added_tokens_decoder").properties()) {
            ObjectNode added = list.addObject().setAll((ObjectNode) token.getValue());
            added.put("id", id(token.getKey()));
            special.remove(added.path("content").stringValue(""));
        }
        special.forEach((text, id) -> PieceVocabulary.addToken(list, id, text, true));
    }

    private static int id(String digits) {
        return Optional.of(digits)
                .filter(text -> text.matches("[0-9]{1,9}"))
                .map(Integer::parseInt)
                .orElseThrow(
                        () -> InputException.of(SETTINGS, "a key of added_tokens_decoder", "a token's id", digits));
    }

    private JsonNode json(String name) throws IOException {
        try {
            JsonNode json = JsonMapper.shared().readTree(text(name));
            InputException.require(json.isObject(), folder.resolve(name) + ": must be a JSON object");
            return json;
        } catch (JacksonException e) {
            throw new InputException(folder.resolve(name) + ": not valid JSON", e);
        }
    }

    private String text(String name) throws IOException {
        Path file = folder.resolve(name);
        InputException.require(
                Files.size(file) <= LARGEST, file.toString(), "the file", "at most " + LARGEST + " bytes long", "more");
        return Files.readString(file);
    }
}
