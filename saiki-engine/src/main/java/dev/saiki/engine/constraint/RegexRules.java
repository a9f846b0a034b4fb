package dev.saiki.engine.constraint;

import dev.saiki.io.InputException;
import java.util.ArrayList;
import java.util.List;

/// The rules of a regular expression.
///
/// Supported are what Java, JavaScript and Python read alike: characters, `.` (anything but a line break),
/// classes with ranges and negation, `\d \w \s` and their opposites (ASCII), escapes of punctuation, of line
/// breaks and tabs and by two or four hexadecimal digits, groups with and without capture, `|`,
/// `? * + {m} {m,} {m,n}`, and lazy forms of them, which match the same texts. Anchors may bind the whole;
/// looking around, back-references and flags are refused.
final class RegexRules {

    private static final int MOST_TIMES = 10_000;
    private static final int LONGEST = 1 << 14;
    private static final int MOST_SHOWN = 80;
    private static final int DEEPEST = 64;
    private static final CodePoints DIGITS = CodePoints.of('0', '9');
    private static final CodePoints WORD =
            DIGITS.or(CodePoints.of('a', 'z')).or(CodePoints.of('A', 'Z')).or(CodePoints.of("_"));
    private static final CodePoints SPACE = CodePoints.of(" \t\n\r\f\u000B");
    private static final CodePoints ANYTHING = CodePoints.ALL.without(CodePoints.of("\n\r"));
    private static final int NO_MORE = -1;

    private final Grammar.Builder builder;
    private final CodePointRules characters;
    private final String expression;
    private final int[] points;
    private int at;

    RegexRules(Grammar.Builder builder, String expression, CodePointRules characters) {
        this.builder = builder;
        this.characters = characters;
        this.expression = expression;
        String bound = expression.startsWith("^") ? expression.substring(1) : expression;
        boolean ends = bound.endsWith("$") && !bound.endsWith("\\$");
        this.points = (ends ? bound.substring(0, bound.length() - 1) : bound)
                .codePoints()
                .toArray();
        if (points.length > LONGEST) {
            throw wrong("more than " + LONGEST + " characters");
        }
    }

    /// The rule of the whole expression.
    int rule() {
        int rule = alternatives(0);
        if (at < points.length) {
            throw wrong("a ) without (");
        }
        return rule;
    }

    private int alternatives(int depth) {
        if (depth > DEEPEST) {
            throw wrong("groups nested more than " + DEEPEST + " deep");
        }
        List<Integer> options = new ArrayList<>(List.of(sequence(depth)));
        while (peek() == '|') {
            at++;
            options.add(sequence(depth));
        }
        return builder.oneOf(options);
    }

    private int sequence(int depth) {
        List<Integer> parts = new ArrayList<>();
        while (peek() != NO_MORE && peek() != '|' && peek() != ')') {
            parts.add(repeated(atom(depth)));
        }
        return parts.isEmpty() ? builder.nothing() : builder.inOrder(parts);
    }

    private int repeated(int rule) {
        int result = switch (peek()) {
            case '?' -> times(rule, 0, 1);
            case '*' -> times(rule, 0, Grammar.UNBOUNDED);
            case '+' -> times(rule, 1, Grammar.UNBOUNDED);
            case '{' -> counted(rule);
            default -> NO_MORE;
        };
        if (result == NO_MORE) {
            return rule;
        }
        if (peek() == '?') {
            at++; // as few as possible matches the same texts as many as possible
        }
        if ("?*+{".indexOf(peek()) >= 0) {
            throw wrong("a repetition of a repetition");
        }
        return result;
    }

    private int times(int rule, int least, int most) {
        at++;
        return repetition(rule, least, most);
    }

    /// Counters within counters are followed as pairs, of which a text may be at all at once.
    private int repetition(int rule, int least, int most) {
        int result = builder.times(rule, least, most);
        if (builder.repetitions(result) > MOST_TIMES) {
            throw wrong("repetitions within repetitions, more than " + MOST_TIMES + " times in all");
        }
        return result;
    }

    private int counted(int rule) {
        at++;
        int least = number();
        int most = least;
        if (peek() == ',') {
            at++;
            most = peek() == '}' ? Grammar.UNBOUNDED : number();
        }
        if (peek() != '}' || least > most) {
            throw wrong("a repetition that is not {m}, {m,} or {m,n} with m at most n");
        }
        at++;
        return repetition(rule, least, most);
    }

    private int number() {
        int value = 0;
        int start = at;
        while (peek() >= '0' && peek() <= '9' && value <= MOST_TIMES) {
            value = 10 * value + peek() - '0';
            at++;
        }
        if (at == start || value > MOST_TIMES) {
            throw wrong("a repetition that is not a number up to " + MOST_TIMES);
        }
        return value;
    }

    private int atom(int depth) {
        int point = next();
        return switch (point) {
            case '(' -> group(depth);
            case '[' -> characters.one(notEmpty(characterClass()));
            case '.' -> characters.one(ANYTHING);
            case '\\' -> characters.one(escape());
            case '^', '$' -> throw wrong("an anchor inside");
            case '?', '*', '+', '{', ']', '}' ->
                throw wrong("a " + Character.toString(point) + " with nothing to its left");
            default -> characters.one(single(point));
        };
    }

    private int group(int depth) {
        if (peek() == '?') {
            at++;
            if (next() != ':') {
                throw wrong("a group that is neither ( nor (?:");
            }
        }
        int rule = alternatives(depth + 1);
        if (peek() != ')') {
            throw wrong("a ( without )");
        }
        at++;
        return rule;
    }

    private CodePoints characterClass() {
        boolean negated = peek() == '^';
        if (negated) {
            at++;
        }
        List<CodePoints.Range> members = new ArrayList<>();
        boolean first = true;
        while (peek() != ']' || first) {
            first = false;
            members.addAll(member().ranges());
        }
        at++;
        CodePoints set = new CodePoints(members);
        return negated ? set.not() : set;
    }

    private CodePoints member() {
        int point = next();
        if (point == '[') {
            throw wrong("a [ within a class");
        }
        CodePoints from = point == '\\' ? escape() : single(point);
        boolean range = peek() == '-' && at + 1 < points.length && points[at + 1] != ']';
        if (!range) {
            return from;
        }
        at++;
        int end = next();
        CodePoints to = end == '\\' ? escape() : single(end);
        int low = only(from);
        int high = only(to);
        if (low > high) {
            throw wrong("a range that falls");
        }
        return CodePoints.of(low, high);
    }

    private int only(CodePoints points) {
        CodePoints.Range range = points.ranges().getFirst();
        if (points.ranges().size() > 1 || range.from() != range.to()) {
            throw wrong("a range between classes");
        }
        return range.from();
    }

    private CodePoints escape() {
        int point = next();
        return switch (point) {
            case 'd' -> DIGITS;
            case 'D' -> DIGITS.not();
            case 'w' -> WORD;
            case 'W' -> WORD.not();
            case 's' -> SPACE;
            case 'S' -> SPACE.not();
            case 'n' -> single('\n');
            case 'r' -> single('\r');
            case 't' -> single('\t');
            case 'f' -> single('\f');
            case 'x' -> single(hexadecimal(2));
            case 'u' -> single(hexadecimal(4));
            default -> {
                if (WORD.contains(point)) {
                    throw wrong("the escape \\" + Character.toString(point));
                }
                yield single(point);
            }
        };
    }

    private int hexadecimal(int digits) {
        int value = 0;
        for (int i = 0; i < digits; i++) {
            int digit = Character.digit(next(), 16);
            if (digit < 0) {
                throw wrong("an escape without " + digits + " hexadecimal digits");
            }
            value = 16 * value + digit;
        }
        return value;
    }

    private CodePoints single(int point) {
        return notEmpty(CodePoints.of(point, point));
    }

    private CodePoints notEmpty(CodePoints set) {
        if (set.isEmpty()) {
            throw wrong("a class or escape of no character");
        }
        return set;
    }

    private int peek() {
        return at < points.length ? points[at] : NO_MORE;
    }

    private int next() {
        if (at == points.length) {
            throw wrong("an end in the middle");
        }
        return points[at++];
    }

    private InputException wrong(String what) {
        String shown = points.length > MOST_SHOWN ? new String(points, 0, MOST_SHOWN) + "…" : expression;
        return new InputException("regular expression has " + what
                + ", which is not supported or not right, at character " + at + ": " + shown);
    }
}
