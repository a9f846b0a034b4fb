package dev.saiki.eval.verify;

import dev.saiki.checkpoint.provenance.VerificationStatistics.Quantity;
import dev.saiki.io.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// A parser of one text of a reference file; every number is checked before it is stored.
final class ReferenceLine {

    /// Rounding may put a probability a little above 1.
    static final double HIGHEST_LOGPROB = 1e-3;

    private static final String KEYS = "text, ids, greedy, continuation, logits, logprobs";

    private final JsonParser parser;
    private final ModelBounds bounds;
    private @Nullable String text;
    private @Nullable String continuation;
    private int[] ids = new int[0];
    private int[] greedy = new int[0];
    private @Nullable Quantity quantity;
    private final List<KnownScores> rows = new ArrayList<>();
    private int numRows;

    /// Starts after the opening brace of the object.
    ///
    /// @param parser parser of the file
    /// @param bounds bounds of the model
    ReferenceLine(JsonParser parser, ModelBounds bounds) {
        this.parser = parser;
        this.bounds = bounds;
    }

    /// Reads to the end of the object.
    ReferenceText read() {
        for (@Nullable String key = parser.nextName(); key != null; key = parser.nextName()) {
            parser.nextToken();
            switch (key) {
                case "text" -> text = string(key);
                case "continuation" -> continuation = string(key);
                case "ids" -> ids = ids(key);
                case "greedy" -> greedy = ids(key);
                case "logits" -> readRows(key, Quantity.LOGITS);
                case "logprobs" -> readRows(key, Quantity.LOGPROBS);
                default -> throw unknown(key, KEYS);
            }
        }
        require(ids.length != 0, "ids", "a list of at least one token id");
        int length = ids.length + greedy.length;
        if (length > bounds.longest()) {
            throw wrong("ids and greedy", "at most " + bounds.longest() + " tokens in all with this model", length);
        }
        if (numRows > length) {
            throw wrong("the rows", "at most one per token of ids and greedy, " + length + " in all", numRows);
        }
        if (quantity == null || rows.isEmpty()) {
            throw wrong("logits or logprobs", "a list with at least one row");
        }
        return new ReferenceText(
                Optional.ofNullable(text), true, ids, greedy, Optional.ofNullable(continuation), quantity, rows);
    }

    private void readRows(String key, Quantity kind) {
        if (quantity != null) {
            throw new InputException("logits and logprobs exclude each other" + place());
        }
        quantity = kind;
        requireList(key);
        int[] all = kind == Quantity.LOGITS
                ? IntStream.range(0, bounds.vocabulary()).toArray()
                : new int[0];
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            require(numRows != bounds.longest(), key, "at most " + bounds.longest() + " rows with this model");
            String name = key + "[" + numRows + "]";
            if (parser.currentToken() != JsonToken.VALUE_NULL) {
                rows.add(kind == Quantity.LOGITS ? logits(name, all) : logprobs(name));
            }
            numRows++;
        }
    }

    private KnownScores logits(String name, int[] all) {
        requireList(name);
        float[] row = new float[all.length];
        int count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (count == row.length) {
                throw wrong(name, "a number for each of the model's " + row.length + " tokens", "more");
            }
            row[count] = number(name, Float.MAX_VALUE);
            count++;
        }
        if (count < row.length) {
            throw wrong(name, "a number for each of the model's " + row.length + " tokens", count);
        }
        return new KnownScores(numRows, all, row, true);
    }

    private KnownScores logprobs(String name) {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw wrong(name, "an object of token ids and their log-probabilities");
        }
        int[] tokens = new int[16];
        float[] values = new float[16];
        int count = 0;
        for (@Nullable String id = parser.nextName(); id != null; id = parser.nextName()) {
            if (count == tokens.length) {
                tokens = Arrays.copyOf(tokens, 2 * count);
                values = Arrays.copyOf(values, 2 * count);
            }
            tokens[count] = tokenId(name, id);
            parser.nextToken();
            values[count] = number(name, HIGHEST_LOGPROB);
            count++;
        }
        require(count != 0, name, "an object of at least one token id");
        return new KnownScores(numRows, Arrays.copyOf(tokens, count), Arrays.copyOf(values, count), count > 1);
    }

    /// Keys must be ids in canonical form, so that no two keys name the same token.
    private int tokenId(String name, String key) {
        boolean plain = key.matches("0|[1-9][0-9]{0,8}");
        int id = plain ? Integer.parseInt(key) : -1;
        if (id < 0 || id >= bounds.vocabulary()) {
            throw wrong(
                    "a key of " + name,
                    "a token id from 0 to " + (bounds.vocabulary() - 1),
                    "\"" + ReferenceFile.named(key) + "\"");
        }
        return id;
    }

    private float number(String name, double highest) {
        JsonToken token = parser.currentToken();
        require(token == JsonToken.VALUE_NUMBER_FLOAT || token == JsonToken.VALUE_NUMBER_INT, name, "of numbers");
        double value = parser.getDoubleValue();
        if (!(value >= -Float.MAX_VALUE && value <= highest)) {
            throw wrong(name, highest == HIGHEST_LOGPROB ? "of finite numbers, at most 0" : "of finite numbers", value);
        }
        return (float) value;
    }

    private int[] ids(String key) {
        requireList(key);
        int[] list = new int[16];
        int count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (count == bounds.longest()) {
                throw wrong(key, "at most " + bounds.longest() + " token ids with this model", "more");
            }
            if (count == list.length) {
                list = Arrays.copyOf(list, 2 * count);
            }
            list[count] = whole(key + "[" + count + "]", 0, bounds.vocabulary() - 1);
            count++;
        }
        return Arrays.copyOf(list, count);
    }

    private void requireList(String key) {
        require(parser.currentToken() == JsonToken.START_ARRAY, key, "a list");
    }

    /// Reads a whole number within bounds.
    int whole(String key, int least, int most) {
        boolean fits = parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() == JsonParser.NumberType.INT
                && parser.getIntValue() >= least
                && parser.getIntValue() <= most;
        if (!fits) {
            throw wrong(key, least == most ? "" + least : "a whole number from " + least + " to " + most);
        }
        return parser.getIntValue();
    }

    /// Reads a string.
    String string(String key) {
        require(parser.currentToken() == JsonToken.VALUE_STRING, key, "a string");
        return parser.getString();
    }

    /// Reads a string that must have a given value.
    void requireEqual(String key, String wanted) {
        require(string(key).equals(wanted), key, "\"" + wanted + "\"");
    }

    /// The message for an unknown key.
    InputException unknown(String key, String known) {
        return new InputException(ReferenceFile.named(key) + " is not a known key; known are " + known + place());
    }

    /// Refuses a value unless a condition holds; the message quotes the value.
    void require(boolean holds, String what, String allowed) {
        if (!holds) {
            throw wrong(what, allowed);
        }
    }

    /// The message for a value of the wrong type; it quotes the value.
    InputException wrong(String what, String allowed) {
        @Nullable JsonToken token = parser.currentToken();
        String got = token == null ? "the end of the file" : token.isScalarValue() ? quoted() : "" + token.asString();
        return wrong(what, allowed, got);
    }

    private String quoted() {
        String value = ReferenceFile.named(String.valueOf(parser.getString()));
        return value.length() <= 40 ? value : value.substring(0, 40) + "...";
    }

    private InputException wrong(String what, String allowed, Object got) {
        return new InputException(what + " must be " + allowed + ", got " + got + place());
    }

    private String place() {
        return " (line " + parser.currentTokenLocation().getLineNr() + ")";
    }
}
