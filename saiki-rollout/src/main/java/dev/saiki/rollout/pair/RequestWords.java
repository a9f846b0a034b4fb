package dev.saiki.rollout.pair;

import dev.saiki.http.Json;
import java.lang.Character.UnicodeScript;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// The texts of requests, and the scripts that texts are written in.
public final class RequestWords {

    /// The script of a text without letters.
    public static final String NO_SCRIPT = "none";

    /// The script is told from the beginning of a text.
    private static final int READ = 2_000;

    private RequestWords() {}

    /// Reads the fields of a request.
    ///
    /// @param request the request's body
    /// @return the fields; empty if the body is not JSON
    public static Optional<JsonNode> fields(String request) {
        try {
            return Optional.of(Json.read(request.getBytes(StandardCharsets.UTF_8)));
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    /// Returns the messages of a chat, or the input of a response.
    ///
    /// @param fields the fields of the request's body
    /// @return an array, a text, or a missing node
    public static JsonNode turns(JsonNode fields) {
        return fields.has("messages") ? fields.path("messages") : fields.path("input");
    }

    /// Returns what the user said last: the last user message, the input or the prompt.
    ///
    /// @param fields the fields of the request's body
    /// @return the text; empty if there is none
    public static String last(JsonNode fields) {
        JsonNode turns = turns(fields);
        if (!turns.isArray()) {
            return turns.isString() ? turns.stringValue() : text(fields.path("prompt"));
        }
        String last = "";
        for (JsonNode message : turns) {
            if (message.path("role").asString("").equals("user")) {
                last = text(message.path("content"));
            }
        }
        return last;
    }

    /// Returns the length of all texts that a request has for the model.
    ///
    /// @param fields the fields of the request's body
    /// @return the characters of the messages, the input or the prompt
    public static int length(JsonNode fields) {
        JsonNode turns = turns(fields);
        if (!turns.isArray()) {
            return last(fields).length();
        }
        return turns.valueStream()
                .mapToInt(message -> text(message.path("content")).length())
                .sum();
    }

    /// Returns the text of a message's content.
    ///
    /// @param content a text, or parts with texts
    /// @return the texts, one after the other
    public static String text(JsonNode content) {
        if (content.isString()) {
            return content.stringValue();
        }
        StringBuilder all = new StringBuilder();
        content.forEach(part -> all.append(
                part.isString() ? part.stringValue() : part.path("text").asString("")));
        return all.toString();
    }

    /// Returns the script of most letters; Japanese if any of them is kana.
    ///
    /// @param text any text
    /// @return the script's Unicode name in lower case, `japanese`, or {@link #NO_SCRIPT}
    public static String script(String text) {
        Map<UnicodeScript, Integer> letters = new EnumMap<>(UnicodeScript.class);
        text.codePoints()
                .limit(READ)
                .filter(Character::isLetter)
                .mapToObj(UnicodeScript::of)
                .forEach(script -> letters.merge(script, 1, Integer::sum));
        if (letters.containsKey(UnicodeScript.HIRAGANA) || letters.containsKey(UnicodeScript.KATAKANA)) {
            return "japanese";
        }
        return letters.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(most -> most.getKey().name().toLowerCase(Locale.ROOT))
                .orElse(NO_SCRIPT);
    }
}
