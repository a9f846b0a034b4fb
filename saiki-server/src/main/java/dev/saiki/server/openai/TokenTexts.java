package dev.saiki.server.openai;

import dev.saiki.engine.Token;
import dev.saiki.engine.sampling.TokenLogprob;
import dev.saiki.http.Json;
import dev.saiki.text.tokenizer.Tokenizer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Tokens and their log-probabilities in the formats of OpenAI's text completions and chat completions.
///
/// A token whose bytes are not valid text, such as a part of a character, is written as `bytes:\xe2\x80`, and a
/// token unknown to the tokenizer as `token_id:` and its id, so that no two tokens have the same name.
public record TokenTexts(Tokenizer tokenizer) {

    /// The smallest log-probability that is written; it also replaces minus infinity.
    private static final double FLOOR = -9999;

    /// The token's name.
    public String name(int id) {
        if (id >= tokenizer.vocabSize()) {
            return "token_id:" + id;
        }
        byte[] bytes = tokenizer.tokenBytes(id);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            StringBuilder name = new StringBuilder("bytes:");
            for (byte b : bytes) {
                name.append("\\x")
                        .append(Character.forDigit((b >> 4) & 0xF, 16))
                        .append(Character.forDigit(b & 0xF, 16));
            }
            return name.toString();
        }
    }

    /// Writes a log-probability or a difference of two log-probabilities; NaN is written as null.
    public static void put(ObjectNode entry, String field, double logprob) {
        entry.put(field, Json.finite(bounded(logprob)));
    }

    private static double bounded(double logprob) {
        return Math.max(FLOOR, logprob);
    }

    /// The format of text completions: four lists of equal length.
    ///
    /// @param tokens the tokens to be written
    /// @param offset the number of characters before the first token
    public ObjectNode lists(List<Token> tokens, int offset) {
        ObjectNode lists = Json.object();
        ArrayNode names = lists.putArray("tokens");
        ArrayNode logprobs = lists.putArray("token_logprobs");
        ArrayNode likeliest = lists.putArray("top_logprobs");
        ArrayNode offsets = lists.putArray("text_offset");
        int place = offset;
        for (Token token : tokens) {
            names.add(name(token.id()));
            offsets.add(place);
            place += token.text().codePointCount(0, token.text().length());
            if (Double.isNaN(token.logprob())) {
                logprobs.addNull();
                likeliest.addNull();
                continue;
            }
            logprobs.add(bounded(token.logprob()));
            ObjectNode map = Json.object();
            for (TokenLogprob alternative : token.alternatives()) {
                putIfAbsent(map, alternative.id(), alternative.logprob());
            }
            putIfAbsent(map, token.id(), token.logprob());
            Json.addWritten(likeliest, map);
        }
        return lists;
    }

    private void putIfAbsent(ObjectNode map, int id, double logprob) {
        String name = name(id);
        if (!map.has(name)) {
            map.put(name, bounded(logprob));
        }
    }

    /// The format of chat completions: one object per token.
    public ObjectNode content(List<Token> tokens) {
        ObjectNode logprobs = Json.object();
        logprobs.set("content", entries(tokens));
        logprobs.putNull("refusal");
        return logprobs;
    }

    /// The entries of the format of chat completions, also used by responses.
    public ArrayNode entries(List<Token> tokens) {
        ArrayNode content = Json.array();
        for (Token token : tokens) {
            ObjectNode entry = Json.object();
            put(entry, token.id(), token.logprob());
            ArrayNode likeliest = entry.putArray("top_logprobs");
            token.alternatives()
                    .forEach(alternative -> put(likeliest.addObject(), alternative.id(), alternative.logprob()));
            Json.addWritten(content, entry);
        }
        return content;
    }

    private void put(ObjectNode entry, int id, double logprob) {
        entry.put("token", name(id));
        entry.put("logprob", bounded(logprob));
        if (id >= tokenizer.vocabSize()) {
            entry.putNull("bytes");
            return;
        }
        ArrayNode bytes = entry.putArray("bytes");
        for (byte b : tokenizer.tokenBytes(id)) {
            bytes.add(b & 0xFF);
        }
    }
}
