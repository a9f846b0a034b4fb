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

/// The fields of a `tokenizer.json`. Unsupported settings are refused, with their names.
record TokenizerFields(String where) {

    InputException wrong(String what, String allowed, Object got) {
        return InputException.of(where, what, allowed, got);
    }

    void require(boolean holds, String what, String allowed, Object got) {
        InputException.require(holds, where, what, allowed, got);
    }

    InputException unsupported(String what, Object got) {
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
        require(node.isObject(), path + key, "a JSON object", JsonKind.of(node));
        return node;
    }

    JsonNode array(JsonNode parent, String path, String key) {
        JsonNode node = parent.path(key);
        require(node.isArray(), path + key, "a JSON array", JsonKind.of(node));
        return node;
    }

    boolean flag(JsonNode parent, String path, String key, boolean ifAbsent) {
        JsonNode node = parent.path(key);
        if (isAbsent(node)) {
            return ifAbsent;
        }
        require(node.isBoolean(), path + key, "true or false", JsonKind.of(node));
        return node.booleanValue();
    }

    String text(JsonNode parent, String path, String key) {
        JsonNode node = parent.path(key);
        require(node.isString(), path + key, "a string", JsonKind.of(node));
        return node.stringValue();
    }

    Optional<String> optionalText(JsonNode parent, String path, String key) {
        return isAbsent(parent.path(key)) ? Optional.empty() : Optional.of(text(parent, path, key));
    }

    static boolean isAbsent(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }

    /// Refuses all unsupported settings of the model, other than vocabulary and merges, that would change ids
    /// or text.
    void refuseUnsupported(JsonNode model) {
        require(model.isObject(), "model", "a JSON object", JsonKind.of(model));
        String type = text(model, "model.", "type");
        if (!type.equals("BPE") && !type.equals("Unigram")) {
            throw unsupported("model.type '" + type + "'", "only BPE and Unigram are");
        }
        JsonNode dropout = model.path("dropout");
        if (!isAbsent(dropout) && !(dropout.isNumber() && dropout.numberValue().doubleValue() == 0)) {
            throw unsupported("model.dropout", dropout);
        }
        for (String affix : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
            JsonNode node = model.path(affix);
            if (!isAbsent(node) && !(node.isString() && node.stringValue().isEmpty())) {
                throw unsupported("model." + affix, node);
            }
        }
    }

    List<AddedToken> addedTokens(JsonNode list) {
        List<AddedToken> added = new ArrayList<>();
        if (isAbsent(list)) {
            return added;
        }
        require(list.isArray(), "added_tokens", "a JSON array", JsonKind.of(list));
        Set<Integer> ids = new HashSet<>();
        Set<String> contents = new HashSet<>();
        for (JsonNode token : list) {
            String path = "added_tokens[" + added.size() + "].";
            int id = id(path + "id", token.path("id"));
            String content = text(token, path, "content");
            if (content.isEmpty() || !contents.add(content) || !ids.add(id)) {
                throw wrong(path + "content", "a unique text with a unique id", "'" + content + "'");
            }
            added.add(new AddedToken(
                    id,
                    content,
                    flag(token, path, "single_word", false),
                    flag(token, path, "lstrip", false),
                    flag(token, path, "rstrip", false)));
        }
        return added;
    }

    int id(String what, JsonNode id) {
        if (!id.isInt() || id.intValue() < 0 || id.intValue() >= Tokenizer.MAX_VOCABULARY) {
            throw wrong(what, "from 0 to " + (Tokenizer.MAX_VOCABULARY - 1), id);
        }
        return id.intValue();
    }

    /// Adds the two halves of a merge, in either notation: `"a b"` or `["a", "b"]`.
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
}
