package dev.saiki.engine.constraint;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The rules of JSON (RFC 8259), restricted to what answers may contain. JSON is on one line, with at most one
/// space after a colon or a comma, so that a weak model cannot fill an answer with white space. Numbers have at
/// most {@value #DIGITS} digits on each side of the point. Characters are literal or escaped, without surrogates.
final class JsonRules {

    private static final int DIGITS = 15;

    private final Grammar.Builder builder;
    private @Nullable Integer value;
    private @Nullable Integer character;
    private @Nullable Integer integer;

    JsonRules(Grammar.Builder builder) {
        this.builder = builder;
    }

    /// Any value, with unlimited nesting.
    int anyValue() {
        if (value == null) {
            value = builder.reserve();
            builder.define(
                    value,
                    builder.oneOf(
                            anyObject(),
                            array(value, 0, Grammar.UNBOUNDED),
                            string(0, Grammar.UNBOUNDED),
                            number(),
                            bool(),
                            nothing()));
        }
        return value;
    }

    int anyObject() {
        return map(string(0, Grammar.UNBOUNDED), anyValue(), 0, Grammar.UNBOUNDED);
    }

    /// An object whose number of members is in a given range.
    int map(int names, int values, int least, int most) {
        return list("{", builder.inOrder(names, colon(), values), least, most, "}");
    }

    int array(int item, int least, int most) {
        return list("[", item, least, most, "]");
    }

    private int list(String open, int item, int least, int most, String close) {
        if (most == 0) {
            return builder.text(open + close);
        }
        int others = most == Grammar.UNBOUNDED ? most : most - 1;
        int items =
                builder.inOrder(item, builder.times(builder.inOrder(comma(), item), Math.max(0, least - 1), others));
        return builder.inOrder(builder.text(open), least == 0 ? builder.optional(items) : items, builder.text(close));
    }

    /// A string whose length is in a given range.
    int string(int least, int most) {
        return quoted(builder.times(character(), least, most));
    }

    /// The given content in double quotes.
    int quoted(int content) {
        return builder.inOrder(builder.text("\""), content, builder.text("\""));
    }

    private int character() {
        if (character == null) {
            CodePoints plain = CodePoints.ALL.without(CodePoints.of(0, 0x1F)).without(CodePoints.of("\"\\"));
            int hex = ofClass("0123456789abcdefABCDEF");
            int low = ofClass("01234567");
            int four = builder.oneOf(
                    builder.inOrder(ofClass("0123456789abcefABCEF"), hex, hex, hex),
                    builder.inOrder(ofClass("dD"), low, hex, hex));
            int escape = builder.oneOf(ofClass("\"\\/bfnrt"), builder.inOrder(builder.text("u"), four));
            character = builder.oneOf(
                    CodePointRules.plain(builder).one(plain), builder.inOrder(builder.text("\\"), escape));
        }
        return character;
    }

    private int ofClass(String bytes) {
        return CodePointRules.plain(builder).one(CodePoints.of(bytes));
    }

    int integer() {
        if (integer == null) {
            int digit = ofClass("0123456789");
            int whole = builder.oneOf(
                    builder.text("0"), builder.inOrder(ofClass("123456789"), builder.times(digit, 0, DIGITS - 1)));
            integer = builder.inOrder(builder.optional(builder.text("-")), whole);
        }
        return integer;
    }

    int number() {
        int digit = ofClass("0123456789");
        int fraction = builder.inOrder(builder.text("."), builder.times(digit, 1, DIGITS));
        int exponent = builder.inOrder(ofClass("eE"), builder.optional(ofClass("+-")), builder.times(digit, 1, 2));
        return builder.inOrder(integer(), builder.optional(fraction), builder.optional(exponent));
    }

    int bool() {
        return builder.oneOf(builder.text("true"), builder.text("false"));
    }

    int nothing() {
        return builder.text("null");
    }

    int colon() {
        return builder.inOrder(builder.text(":"), builder.optional(builder.text(" ")));
    }

    int comma() {
        return builder.inOrder(builder.text(","), builder.optional(builder.text(" ")));
    }

    /// An object with given members in the given order, some of which are optional.
    ///
    /// @param members rules of `"name": value`
    /// @param required whether each member is required
    int object(List<Integer> members, List<Boolean> required) {
        // Built from the end. Each rule for the remaining members exists twice: one that begins with a comma,
        // because another member comes before, and one that begins the object.
        int afterOthers = builder.nothing();
        int asFirst = afterOthers;
        for (int i = members.size() - 1; i >= 0; i--) {
            int written = builder.inOrder(comma(), members.get(i), afterOthers);
            int writtenFirst = builder.inOrder(members.get(i), afterOthers);
            asFirst = required.get(i) ? writtenFirst : builder.oneOf(writtenFirst, asFirst);
            afterOthers = required.get(i) ? written : builder.oneOf(written, afterOthers);
        }
        return builder.inOrder(builder.text("{"), asFirst, builder.text("}"));
    }
}
