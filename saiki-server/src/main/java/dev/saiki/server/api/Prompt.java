package dev.saiki.server.api;

import dev.saiki.engine.Engine;
import dev.saiki.server.wire.RequestBody;
import dev.saiki.text.Tokenizer;
import java.util.Arrays;
import tools.jackson.databind.JsonNode;

/// What is to be continued.
///
/// @param ids its tokens, not empty
/// @param text the same as text
@SuppressWarnings("ArrayRecordComponent") // Ids are many, and nothing compares prompts.
record Prompt(int[] ids, String text) {

    /// Reads a text or token ids.
    static Prompt of(JsonNode given, Engine engine) {
        return given.isString() ? ofText(given.stringValue(), engine) : ofIds(given, engine);
    }

    /// Takes a text. An empty one begins a new document.
    static Prompt ofText(String text, Engine engine) {
        Tokenizer tokenizer = engine.tokenizer();
        return new Prompt(text.isEmpty() ? new int[] {tokenizer.endOfTextId()} : tokenizer.encode(text), text);
    }

    /// Reads token ids.
    static Prompt ofIds(JsonNode given, Engine engine) {
        if (!given.isArray() || given.isEmpty()) {
            throw RequestBody.wrong("prompt", "a string, token ids, or an array of these", given);
        }
        int[] ids =
                RequestBody.tokenIds(given.values(), "prompt", engine.config().vocabSize());
        Tokenizer tokenizer = engine.tokenizer();
        // Ids beyond the tokenizer's, which a model may have to round its vocabulary up, have no text.
        int[] known =
                Arrays.stream(ids).filter(id -> id < tokenizer.vocabSize()).toArray();
        return new Prompt(ids, tokenizer.decode(known));
    }
}
