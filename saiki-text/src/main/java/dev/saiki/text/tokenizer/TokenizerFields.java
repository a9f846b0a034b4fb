package dev.saiki.text.tokenizer;

import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import dev.saiki.text.files.JsonKind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// The settings of one `tokenizer.json`, each either read or refused with a message that names it.
final class TokenizerFields {

    private static final String BYTE_LEVEL = "ByteLevel";
    private static final int MAX_STAGES = 8;

    private final String where;

    TokenizerFields(String where) {
        this.where = where;
    }

    String where() {
        return where;
    }

    InputException wrong(String what, String allowed, Object got) {
        return InputException.of(where, what, allowed, got);
    }

    private InputException unsupported(String what, Object got) {
        return new InputException(where + ": " + what + " is not supported: " + got);
    }

    void checkKeys(JsonNode object, String path, Set<String> known) {
        for (String key : object.propertyNames()) {
            if (!known.contains(key)) {
                throw new InputException(where + ": unknown key '" + path + key + "'" + Suggestions.hint(key, known));
            }
        }
    }

    JsonNode object(JsonNode parent, String path, String key) {
        JsonNode node = parent.path(key);
        if (!node.isObject()) {
            throw wrong(path + key, "a JSON object", JsonKind.of(node));
        }
        return node;
    }

    JsonNode array(JsonNode parent, String path, String key) {
        JsonNode node = parent.path(key);
        if (!node.isArray()) {
            throw wrong(path + key, "a JSON array", JsonKind.of(node));
        }
        return node;
    }

    boolean flag(JsonNode parent, String path, String key, boolean ifAbsent) {
        JsonNode node = parent.path(key);
        if (isAbsent(node)) {
            return ifAbsent;
        }
        if (!node.isBoolean()) {
            throw wrong(path + key, "true or false", JsonKind.of(node));
        }
        return node.booleanValue();
    }

    private String text(JsonNode parent, String path, String key) {
        JsonNode node = parent.path(key);
        if (!node.isString()) {
            throw wrong(path + key, "a string", JsonKind.of(node));
        }
        return node.stringValue();
    }

    private static boolean isAbsent(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }

    /// Everything outside vocabulary and merges that would change ids or text.
    void refuseUnsupported(JsonNode root) {
        JsonNode model = object(root, "", "model");
        String type = text(model, "model.", "type");
        if (!type.equals("BPE")) {
            throw unsupported("model.type '" + type + "'", "only BPE is");
        }
        JsonNode dropout = model.path("dropout");
        if (!isAbsent(dropout) && !(dropout.isNumber() && dropout.doubleValue() == 0)) {
            throw unsupported("model.dropout", dropout);
        }
        for (String affix : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
            JsonNode node = model.path(affix);
            if (!isAbsent(node) && !(node.isString() && node.stringValue().isEmpty())) {
                throw unsupported("model." + affix, node);
            }
        }
        JsonNode decoder = root.path("decoder");
        if (!decoder.path("type").isString()
                || !decoder.path("type").stringValue().equals(BYTE_LEVEL)) {
            throw unsupported("decoder, other than " + BYTE_LEVEL, isAbsent(decoder) ? "none" : decoder.path("type"));
        }
    }

    /// Whether the normalizer is NFC (true) or there is none (false).
    boolean composes(JsonNode normalizer) {
        if (isAbsent(normalizer)) {
            return false;
        }
        if (!isType(normalizer, "NFC")) {
            throw unsupported("normalizer, other than NFC", normalizer.path("type"));
        }
        return true;
    }

    List<AddedToken> addedTokens(JsonNode list) {
        List<AddedToken> added = new ArrayList<>();
        if (isAbsent(list)) {
            return added;
        }
        if (!list.isArray()) {
            throw wrong("added_tokens", "a JSON array", JsonKind.of(list));
        }
        Set<Integer> ids = new HashSet<>();
        Set<String> contents = new HashSet<>();
        for (JsonNode token : list) {
            String path = "added_tokens[" + added.size() + "].";
            for (String option : List.of("single_word", "lstrip", "rstrip")) {
                if (flag(token, path, option, false)) {
                    throw unsupported(path + option, "true");
                }
            }
            JsonNode id = token.path("id");
            String content = text(token, path, "content");
            if (!id.isInt() || id.intValue() < 0 || id.intValue() >= Tokenizer.MAX_VOCABULARY) {
                throw wrong(path + "id", "from 0 to " + (Tokenizer.MAX_VOCABULARY - 1), id);
            }
            if (content.isEmpty() || !contents.add(content) || !ids.add(id.intValue())) {
                throw wrong(path + "content", "a text of its own with an id of its own", "'" + content + "'");
            }
            added.add(new AddedToken(id.intValue(), content));
        }
        return added;
    }

    /// Adds the two halves of a merge, in either spelling: `"a b"` or `["a", "b"]`.
    void addMerge(JsonNode merge, List<String> halves) {
        if (merge.isString()) {
            String both = merge.stringValue();
            int space = both.indexOf(' ');
            if (space > 0 && space < both.length() - 1 && both.indexOf(' ', space + 1) < 0) {
                halves.add(both.substring(0, space));
                halves.add(both.substring(space + 1));
                return;
            }
        } else if (merge.isArray()
                && merge.size() == 2
                && merge.get(0).isString()
                && merge.get(1).isString()) {
            halves.add(merge.get(0).stringValue());
            halves.add(merge.get(1).stringValue());
            return;
        }
        throw wrong("model.merges[" + halves.size() / 2 + "]", "\"a b\" or [\"a\", \"b\"]", merge);
    }

    List<PreTokenizer.Stage> stages(JsonNode preTokenizer) {
        List<PreTokenizer.Stage> stages = new ArrayList<>();
        if (isType(preTokenizer, "Sequence")) {
            JsonNode parts = array(preTokenizer, "pre_tokenizer.", "pretokenizers");
            if (parts.isEmpty() || parts.size() > MAX_STAGES || !isType(parts.get(parts.size() - 1), BYTE_LEVEL)) {
                throw unsupported("a pre_tokenizer that does not end with " + BYTE_LEVEL, preTokenizer.path("type"));
            }
            for (int i = 0; i < parts.size(); i++) {
                stage(parts.get(i), i == parts.size() - 1).ifPresent(stages::add);
            }
        } else if (isType(preTokenizer, BYTE_LEVEL)) {
            stage(preTokenizer, true).ifPresent(stages::add);
        } else {
            throw unsupported(
                    "pre_tokenizer, other than " + BYTE_LEVEL + " or a Sequence that ends with it",
                    isAbsent(preTokenizer) ? "none" : preTokenizer.path("type"));
        }
        return stages;
    }

    private static boolean isType(JsonNode node, String type) {
        return node.path("type").isString() && node.path("type").stringValue().equals(type);
    }

    private Optional<PreTokenizer.Stage> stage(JsonNode part, boolean last) {
        String path = "pre_tokenizer.";
        if (last) {
            if (flag(part, path, "add_prefix_space", true)) {
                throw unsupported(path + "add_prefix_space", "true");
            }
            return flag(part, path, "use_regex", true) ? Optional.of(new PreTokenizer.Gpt2Words()) : Optional.empty();
        }
        if (isType(part, "Digits")) {
            return Optional.of(new PreTokenizer.Digits(flag(part, path, "individual_digits", false)));
        }
        if (isType(part, "Split")) {
            return Optional.of(split(part));
        }
        throw unsupported("pre_tokenizer stage", part.path("type"));
    }

    private PreTokenizer.Stage split(JsonNode part) {
        String behavior = text(part, "pre_tokenizer.", "behavior");
        boolean invert = flag(part, "pre_tokenizer.", "invert", false);
        // The known expressions match everywhere, so that keeping the matches apart and keeping only them is the
        // same.
        if (!(behavior.equals("Isolated") || (behavior.equals("Removed") && invert))) {
            throw unsupported("pre_tokenizer Split with behavior '" + behavior + "'", "invert = " + invert);
        }
        JsonNode expression = part.path("pattern").path("Regex");
        if (!expression.isString()) {
            throw unsupported("pre_tokenizer Split without a Regex", part.path("pattern"));
        }
        return WordPatterns.stage(expression.stringValue())
                .orElseThrow(() -> unsupported("pre_tokenizer Split with this Regex", expression.stringValue()));
    }
}
