package dev.saiki.eval.verify;

import dev.saiki.io.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;

/// A token in a server's response, with its likeliest alternatives.
///
/// @param name the token's text, or the server's name for it
/// @param id the token's id, if the server returns it
/// @param logprob log-probability; NaN if the server returns none, as for the first token of a text, or minus
///     infinity
/// @param alternatives the likeliest tokens, without alternatives of their own
record NamedToken(String name, OptionalInt id, double logprob, List<NamedToken> alternatives) {

    /// The number that servers write for minus infinity.
    private static final double FLOOR = -9999;

    private static final int MAX_ALTERNATIVES = 1_000;

    /// Copies the list.
    NamedToken {
        alternatives = List.copyOf(alternatives);
    }

    /// Reads the log-probabilities of a response, which has one of two formats.
    ///
    /// @param logprobs lists of equal length, as in OpenAI's text completions, or one object per token under
    ///     `content`, as in OpenAI's chat completions and llama.cpp's completions
    /// @return all tokens in order
    /// @throws InputException if the format is neither of the two
    static List<NamedToken> all(JsonNode logprobs) {
        return logprobs.path("content").isArray() ? ofContent(logprobs.path("content")) : ofLists(logprobs);
    }

    private static List<NamedToken> ofContent(JsonNode content) {
        List<NamedToken> tokens = new ArrayList<>();
        for (JsonNode entry : content) {
            List<NamedToken> alternatives = new ArrayList<>();
            for (JsonNode alternative : bounded(entry.path("top_logprobs"))) {
                alternatives.add(single(alternative, List.of()));
            }
            tokens.add(single(entry, alternatives));
        }
        return tokens;
    }

    private static NamedToken single(JsonNode entry, List<NamedToken> alternatives) {
        JsonNode id = entry.path("id");
        return new NamedToken(
                entry.path("token").stringValue(""),
                id.isInt() ? OptionalInt.of(id.intValue()) : OptionalInt.empty(),
                logprob(entry.path("logprob")),
                alternatives);
    }

    private static List<NamedToken> ofLists(JsonNode logprobs) {
        JsonNode names = logprobs.path("tokens");
        JsonNode values = logprobs.path("token_logprobs");
        JsonNode tops = logprobs.path("top_logprobs");
        if (!names.isArray() || !values.isArray() || values.size() != names.size()) {
            throw new InputException("logprobs must have tokens and token_logprobs, lists of equal length, got "
                    + names.size() + " and " + values.size());
        }
        List<NamedToken> tokens = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            List<NamedToken> alternatives = new ArrayList<>();
            bounded(tops.path(i))
                    .properties()
                    .forEach(entry -> alternatives.add(
                            new NamedToken(entry.getKey(), OptionalInt.empty(), logprob(entry.getValue()), List.of())));
            tokens.add(new NamedToken(
                    names.path(i).stringValue(""), OptionalInt.empty(), logprob(values.path(i)), alternatives));
        }
        return tokens;
    }

    private static JsonNode bounded(JsonNode alternatives) {
        if (alternatives.size() > MAX_ALTERNATIVES) {
            throw new InputException(
                    "top_logprobs must have at most " + MAX_ALTERNATIVES + " tokens, got " + alternatives.size());
        }
        return alternatives;
    }

    private static double logprob(JsonNode value) {
        if (value.isNull() || value.isMissingNode()) {
            return Double.NaN;
        }
        double number = value.isNumber() ? value.doubleValue() : Double.NaN;
        if (!(number >= -Float.MAX_VALUE && number <= ReferenceLine.HIGHEST_LOGPROB)) {
            throw new InputException("a log-probability must be a finite number, at most 0, got "
                    + ReferenceFile.named(value.toString()));
        }
        return number <= FLOOR ? Double.NaN : number;
    }
}
