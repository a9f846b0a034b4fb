package dev.saiki.http;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serial;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The JSON object of a request body. Unknown fields are ignored, and null counts as absent.
///
/// All readers throw {@link ApiException} with status 400 and the field's name if a value has the wrong type or is
/// out of range.
public final class RequestBody {

    private static final Pattern NUMBER = Pattern.compile("[0-9]+");

    /// Every number of up to this many digits fits into a long.
    private static final int MAX_DIGITS = 18;

    private static final int MAX_SHOWN = 80;

    private final JsonNode fields;

    private RequestBody(JsonNode fields) {
        this.fields = fields;
    }

    /// Reads the body of a request.
    ///
    /// @param exchange the request
    /// @param maxBytes the largest accepted body
    /// @return the body
    /// @throws ApiException if the body is too long, not valid JSON, too deeply nested, or not an object
    public static RequestBody read(Exchange exchange, int maxBytes) {
        byte[] bytes = bytes(exchange, maxBytes);
        if (bytes.length == 0) {
            throw ApiException.invalid("the body must be a JSON object, got nothing", null);
        }
        try {
            JsonNode root = Json.read(bytes);
            if (!(root instanceof ObjectNode)) {
                throw ApiException.invalid("the body must be a JSON object, got another value", null);
            }
            return new RequestBody(root);
        } catch (JacksonException e) {
            // Quotes only the first line of the parser's message: the rest names classes and settings.
            throw ApiException.invalid("the body is not valid JSON: " + firstLine(e), null);
        }
    }

    /// The first line of the parser's message, without its advice to programmers.
    private static String withoutAdvice(String message) {
        String line = message.lines().findFirst().orElse("it is malformed");
        int advice = line.indexOf(": enable ");
        return advice < 0 ? line : line.substring(0, advice);
    }

    private static String firstLine(JacksonException e) {
        return switch (e) {
            case StreamReadException malformed ->
                malformed.getOriginalMessage() == null
                        ? "it is malformed"
                        : withoutAdvice(malformed.getOriginalMessage());
            case StreamConstraintsException _ ->
                "it has more than " + Json.DEEPEST + " levels, or a number of more than " + Json.MAX_NUMBER_LENGTH
                        + " characters";
            // Other text follows the JSON value. The parser's message is replaced because it is meant for
            // programmers.
            default -> "it is followed by other text";
        };
    }

    /// Reads the body of a request as bytes.
    ///
    /// @param exchange the request
    /// @param maxBytes the largest accepted body
    /// @return the bytes of the body
    /// @throws ApiException if the body is too long, or cannot be read
    public static byte[] bytes(Exchange exchange, int maxBytes) {
        return bytes(exchange, maxBytes, _ -> true);
    }

    /// Reads the body of a request as bytes, as long as there is memory for it.
    ///
    /// @param exchange the request
    /// @param maxBytes the largest accepted body
    /// @param hasRoom takes the number of bytes of each piece, and tells whether there is memory for it
    /// @return the bytes of the body
    /// @throws ApiException if the body is too long or unreadable, or if there is no memory for it (status 503)
    public static byte[] bytes(Exchange exchange, int maxBytes, IntPredicate hasRoom) {
        if (declared(exchange.header("Content-Length")) > maxBytes) {
            exchange.setHeader("Connection", "close");
            throw ApiException.tooLarge(maxBytes);
        }
        try {
            byte[] bytes = new CountedBody(exchange.body(), hasRoom).readNBytes(maxBytes + 1);
            if (bytes.length > maxBytes) {
                exchange.setHeader("Connection", "close");
                throw ApiException.tooLarge(maxBytes);
            }
            return bytes;
        } catch (NoRoomException e) {
            exchange.setHeader("Connection", "close");
            throw ApiException.unavailable(
                    "the bodies of current requests fill the memory reserved for them; send the request again later");
        } catch (IOException e) {
            exchange.setHeader("Connection", "close");
            throw ApiException.invalid(
                    "the body is shorter than its Content-Length, or its chunks are malformed", null);
        }
    }

    /// A failure to find memory for a body.
    private static final class NoRoomException extends IOException {

        @Serial
        private static final long serialVersionUID = 1L;
    }

    /// A body whose reading fails with {@link NoRoomException} at the first piece for which there is no memory.
    private static final class CountedBody extends FilterInputStream {

        private final IntPredicate hasRoom;

        CountedBody(InputStream body, IntPredicate hasRoom) {
            super(body);
            this.hasRoom = hasRoom;
        }

        @Override
        public int read(byte[] bytes, int from, int most) throws IOException {
            int count = super.read(bytes, from, most);
            if (count > 0 && !hasRoom.test(count)) {
                throw new NoRoomException();
            }
            return count;
        }
    }

    private static long declared(Optional<String> length) {
        return length.filter(digits -> NUMBER.matcher(digits).matches())
                .map(digits -> digits.length() > MAX_DIGITS ? Long.MAX_VALUE : Long.parseLong(digits))
                .orElse(0L);
    }

    /// Tells whether a field is present and not null.
    ///
    /// @param name the field
    /// @return whether the field has a value
    public boolean has(String name) {
        return fields.hasNonNull(name);
    }

    /// Lists the fields.
    ///
    /// @return the names of the fields, in their original order
    public List<String> names() {
        return List.copyOf(fields.propertyNames());
    }

    /// Returns the raw value of a field.
    ///
    /// @param name the field
    /// @return the field's value, if there is one
    public Optional<JsonNode> value(String name) {
        @Nullable JsonNode value = fields.get(name);
        return value == null || value.isNull() ? Optional.empty() : Optional.of(value);
    }

    private Optional<JsonNode> value(String name, Predicate<JsonNode> isValid, String allowed) {
        Optional<JsonNode> value = value(name);
        if (value.isPresent() && !isValid.test(value.get())) {
            throw wrong(name, allowed, value.get());
        }
        return value;
    }

    /// Reads a text.
    ///
    /// @param name the field
    /// @return the text, if there is one
    public Optional<String> text(String name) {
        return value(name, JsonNode::isString, "a string").map(JsonNode::stringValue);
    }

    /// Reads an integer; 2.0 counts as an integer, because JSON and some languages have only one type of
    /// number.
    ///
    /// @param name the field
    /// @param least the smallest allowed value
    /// @return the integer, if there is one
    public OptionalInt integer(String name, int least) {
        return integer(name, least, Integer.MAX_VALUE);
    }

    /// Reads an integer.
    ///
    /// @param name the field
    /// @param least the smallest allowed value
    /// @param most the largest allowed value
    /// @return the integer, if there is one
    public OptionalInt integer(String name, int least, int most) {
        return value(name, number -> isWithin(number, least, most), "an integer from " + least + " to " + most)
                .map(number -> OptionalInt.of(number.intValue()))
                .orElse(OptionalInt.empty());
    }

    private static boolean isWithin(JsonNode number, int least, int most) {
        return number.canConvertToExactIntegral()
                && number.canConvertToInt()
                && number.intValue() >= least
                && number.intValue() <= most;
    }

    /// Reads an integer of 64 bits.
    ///
    /// @param name the field
    /// @return the integer, if there is one
    public OptionalLong longInteger(String name) {
        Predicate<JsonNode> isLong = number -> number.canConvertToExactIntegral() && number.canConvertToLong();
        return value(name, isLong, "an integer of 64 bits")
                .map(number -> OptionalLong.of(number.longValue()))
                .orElse(OptionalLong.empty());
    }

    /// Reads a number.
    ///
    /// @param name the field
    /// @param otherwise the default
    /// @return the number
    public double number(String name, double otherwise) {
        return value(name, JsonNode::isNumber, "a number")
                .map(JsonNode::doubleValue)
                .orElse(otherwise);
    }

    /// Reads a boolean.
    ///
    /// @param name the field
    /// @param otherwise the default
    /// @return the boolean
    public boolean flag(String name, boolean otherwise) {
        return value(name, JsonNode::isBoolean, "true or false")
                .map(JsonNode::booleanValue)
                .orElse(otherwise);
    }

    /// Reads a text or an array of texts.
    ///
    /// @param name the field
    /// @param most the largest number of texts
    /// @return the texts; empty if the field is absent
    public List<String> texts(String name, int most) {
        Optional<JsonNode> value = value(name);
        if (value.isEmpty()) {
            return List.of();
        }
        if (value.get().isString()) {
            return List.of(value.get().stringValue());
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode text : items(name, most)) {
            if (!text.isString()) {
                throw wrong(name, "a string or an array of strings", text);
            }
            texts.add(text.stringValue());
        }
        return texts;
    }

    /// Reads an array.
    ///
    /// @param name the field
    /// @return the items; empty if the field is absent
    public List<JsonNode> items(String name) {
        return value(name, JsonNode::isArray, "an array")
                .map(array -> List.copyOf(array.values()))
                .orElse(List.of());
    }

    /// Reads an array.
    ///
    /// @param name the field
    /// @param most the largest number of items
    /// @return the items; empty if the field is absent
    public List<JsonNode> items(String name, int most) {
        List<JsonNode> items = items(name);
        if (items.size() > most) {
            throw ApiException.invalid(name + " must have at most " + most + " items, got " + items.size(), name);
        }
        return items;
    }

    /// Reads an object.
    ///
    /// @param name the field
    /// @return the object; without fields if the field is absent
    public RequestBody object(String name) {
        return new RequestBody(value(name, JsonNode::isObject, "an object").orElseGet(Json::object));
    }

    /// Wraps an object that is part of a body.
    ///
    /// @param node the object
    /// @param param the field that contains the object
    /// @return the object's fields
    public static RequestBody of(JsonNode node, String param) {
        if (!node.isObject()) {
            throw wrong(param, "an array of objects", node);
        }
        return new RequestBody(node);
    }

    /// Reads token ids.
    ///
    /// @param ids the value to read
    /// @param param the field that contains the ids
    /// @param vocabulary the size of the vocabulary
    /// @return the ids
    public static int[] tokenIds(Collection<JsonNode> ids, String param, int vocabulary) {
        return ids.stream()
                .mapToInt(id -> {
                    boolean known = id.isIntegralNumber()
                            && id.canConvertToInt()
                            && id.intValue() >= 0
                            && id.intValue() < vocabulary;
                    if (!known) {
                        throw wrong(param, "token ids from 0 to " + (vocabulary - 1), id);
                    }
                    return id.intValue();
                })
                .toArray();
    }

    /// Creates the exception for a value that is not allowed.
    ///
    /// @param name the field
    /// @param allowed a description of valid values
    /// @param got the given value
    /// @return the exception, status 400
    public static ApiException wrong(String name, String allowed, JsonNode got) {
        String shown = got.isContainer() ? (got.isArray() ? "an array" : "an object") : got.toString();
        return ApiException.invalid(name + " must be " + allowed + ", got " + shortened(shown), name);
    }

    /// Truncates client input for a message.
    ///
    /// @param sent the text that the client sent, of any length
    /// @return the truncated text
    public static String shortened(String sent) {
        return shortened(sent, MAX_SHOWN);
    }

    /// Truncates a text, without splitting a character.
    static String shortened(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        return text.substring(0, Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most) + "…";
    }
}
