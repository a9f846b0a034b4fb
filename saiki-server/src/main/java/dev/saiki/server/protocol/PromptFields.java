package dev.saiki.server.protocol;

import dev.saiki.engine.Engine;
import dev.saiki.http.ApiException;
import dev.saiki.http.RequestBody;
import dev.saiki.text.chat.EncodedPrompt;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// The fields of requests that contain text or token ids to continue.
///
/// The text of a special token becomes that token, as in Hugging Face's library, vLLM and llama.cpp, unless
/// `parse_special` is false.
public final class PromptFields {

    private PromptFields() {}

    /// Reads a text, token ids, or an array of these.
    ///
    /// @param field the field that contains the value
    /// @param most the largest number of texts
    /// @return the prompts, at least one
    public static List<EncodedPrompt> all(RequestBody body, String field, int most, Engine engine) {
        JsonNode given = body.value(field)
                .orElseThrow(() -> ApiException.invalid(field + " is required: a text or token ids", field));
        if (given.isString()) {
            return List.of(of(given, field, body, engine));
        }
        List<JsonNode> items = body.items(field);
        if (items.isEmpty()) {
            throw ApiException.invalid(field + " must not be empty", field);
        }
        if (items.getFirst().isNumber()) {
            return List.of(ofIds(given, field, engine));
        }
        if (items.size() > most) {
            throw ApiException.invalid(field + " must be at most " + most + " texts, got " + items.size(), field);
        }
        return items.stream().map(item -> of(item, field, body, engine)).toList();
    }

    /// Reads a text or token ids.
    ///
    /// @param field the field that contains the value
    public static EncodedPrompt of(JsonNode given, String field, RequestBody body, Engine engine) {
        return given.isString()
                ? new EncodedPrompt(ids(given.stringValue(), body, engine.tokenizer()), given.stringValue())
                : ofIds(given, field, engine);
    }

    /// Encodes a text. An empty text begins a new document.
    public static int[] ids(String text, RequestBody body, Tokenizer tokenizer) {
        return parsesSpecial(body) ? tokenizer.encodePromptWithSpecials(text) : tokenizer.encodePrompt(text);
    }

    /// Whether the text of a special token becomes that token.
    public static boolean parsesSpecial(RequestBody body) {
        return body.flag("parse_special", true);
    }

    private static EncodedPrompt ofIds(JsonNode given, String field, Engine engine) {
        if (!given.isArray() || given.isEmpty()) {
            throw RequestBody.wrong(field, "a string, token ids, or an array of these", given);
        }
        int[] ids = RequestBody.tokenIds(given.values(), field, engine.config().vocabSize());
        Tokenizer tokenizer = engine.tokenizer();
        // If the model pads the vocabulary, ids beyond the tokenizer's have no text.
        int[] known =
                Arrays.stream(ids).filter(id -> id < tokenizer.vocabSize()).toArray();
        return new EncodedPrompt(ids, tokenizer.decode(known));
    }
}
