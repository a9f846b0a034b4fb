package dev.saiki.engine.constraint;

import dev.saiki.io.InputException;
import java.util.ArrayList;
import java.util.List;

/// A parser of regular expressions.
///
/// The parser supports the syntax that Java, JavaScript and Python interpret alike: characters, `.` (anything but
/// a line break), classes with ranges and negation, `\d \w \s` and their opposites (ASCII), `\p{...}` and
/// `\P{...}`, escapes of punctuation, line breaks and tabs, escapes with two or four hexadecimal digits, groups
/// with and without capture, `|`, `? * + {m} {m,} {m,n}`, and their lazy forms, which match the same texts.
/// Anchors are allowed at the beginning and end of an alternative of the whole expression, and at the end of an
/// alternative of a lookahead. Lookaheads are allowed, but not with a quantifier of their own, and not in groups
/// that can match more than once. Lookbehind, back-references and flags are rejected.
final class RegexParser {

    private static final int MAX_TIMES = 10_000;
    private static final int LONGEST = 1 << 14;
    private static final int MAX_SHOWN = 80;
    private static final int DEEPEST = 64;
    private static final CodePoints DIGITS = CodePoints.of('0', '9');
    private static final CodePoints WORD =
            DIGITS.or(CodePoints.of('a', 'z')).or(CodePoints.of('A', 'Z')).or(CodePoints.of("_"));
    private static final CodePoints SPACE = CodePoints.of(" \t\n\r\f\u000B");
    private static final CodePoints ANYTHING = CodePoints.ALL.without(CodePoints.of("\n\r"));
    private static final int NO_MORE = -1;

    private final String expression;
    private final boolean searches;
    private final int[] points;
    private int at;

    private RegexParser(String expression, boolean searches) {
        this.expression = expression;
        this.searches = searches;
        this.points = expression.codePoints().toArray();
        refuse(points.length > LONGEST, "more than " + LONGEST + " characters");
    }

    /// Parses an expression that a text must match as a whole, with or without anchors.
    static Regex whole(String expression) {
        return new RegexParser(expression, false).parsed();
    }

    /// Parses an expression that may match anywhere in a text unless it has anchors, and returns an
    /// expression for the whole text.
    static Regex search(String expression) {
        return new RegexParser(expression, true).parsed();
    }

    private Regex parsed() {
        Regex whole = alternatives(0);
        refuse(at < points.length, "a ) without (");
        return whole;
    }

    private Regex alternatives(int depth) {
        refuse(depth > DEEPEST, "groups nested more than " + DEEPEST + " deep");
        List<Regex> options = new ArrayList<>(List.of(alternative(depth)));
        while (peek() == '|') {
            at++;
            options.add(alternative(depth));
        }
        return options.size() == 1 ? options.getFirst() : new Regex.Choice(options);
    }

    /// An alternative of the whole expression, which may have anchors, or of a group, which may not.
    private Regex alternative(int depth) {
        if (depth > 0) {
            return new Regex.Sequence(sequence(depth, false));
        }
        boolean begins = peek() == '^';
        at += begins ? 1 : 0;
        List<Regex> parts = new ArrayList<>(sequence(depth, true));
        boolean ends = peek() == '$';
        at += ends ? 1 : 0;
        refuse(peek() != NO_MORE && peek() != '|' && peek() != ')', "an anchor inside the expression");
        if (searches && !begins) {
            parts.addFirst(Regex.ANYTHING);
        }
        if (searches && !ends) {
            parts.add(Regex.ANYTHING);
        }
        return new Regex.Sequence(parts);
    }

    private List<Regex> sequence(int depth, boolean mayEnd) {
        List<Regex> parts = new ArrayList<>();
        while (peek() != NO_MORE && peek() != '|' && peek() != ')' && !(mayEnd && peek() == '$')) {
            parts.add(repeated(atom(depth)));
        }
        return parts;
    }

    private Regex repeated(Regex part) {
        int sign = peek();
        if ("?*+{".indexOf(sign) < 0) {
            return part;
        }
        Regex result = switch (sign) {
            case '?' -> times(part, 0, 1);
            case '*' -> times(part, 0, Grammar.UNBOUNDED);
            case '+' -> times(part, 1, Grammar.UNBOUNDED);
            default -> counted(part);
        };
        if (peek() == '?') {
            at++; // a lazy repetition matches the same texts as a greedy one
        }
        refuse("?*+{".indexOf(peek()) >= 0, "a repetition of a repetition");
        return result;
    }

    private Regex times(Regex part, int least, int most) {
        at++;
        return repetition(part, least, most);
    }

    /// Limits the product of nested repetitions, because all combinations of their counts may have to be followed
    /// at the same time.
    private Regex repetition(Regex part, int least, int most) {
        refuse(part instanceof Regex.Ahead || (most > 1 && Regex.hasLookahead(part)), "a repetition of a lookahead");
        Regex result = new Regex.Repeated(part, least, most);
        if (Regex.repetitions(result) > MAX_TIMES) {
            throw wrong("repetitions within repetitions whose limits multiply to more than " + MAX_TIMES);
        }
        return result;
    }

    private Regex counted(Regex part) {
        at++;
        int least = number();
        int most = least;
        if (peek() == ',') {
            at++;
            most = peek() == '}' ? Grammar.UNBOUNDED : number();
        }
        refuse(peek() != '}' || least > most, "a repetition other than {m}, {m,} and {m,n} with m at most n");
        at++;
        return repetition(part, least, most);
    }

    private int number() {
        int value = 0;
        int start = at;
        while (peek() >= '0' && peek() <= '9' && value <= MAX_TIMES) {
            value = 10 * value + peek() - '0';
            at++;
        }
        refuse(at == start || value > MAX_TIMES, "a repetition count that is not a number up to " + MAX_TIMES);
        return value;
    }

    private Regex atom(int depth) {
        int point = next();
        return switch (point) {
            case '(' -> group(depth);
            case '[' -> new Regex.Characters(notEmpty(characterClass()));
            case '.' -> new Regex.Characters(ANYTHING);
            case '\\' -> new Regex.Characters(escape());
            case '^', '$' -> throw wrong("an anchor inside the expression");
            case '?', '*', '+', '{', ']', '}' -> throw wrong("a misplaced " + Character.toString(point));
            default -> new Regex.Characters(single(point));
        };
    }

    private Regex group(int depth) {
        int kind = ':';
        if (peek() == '?') {
            at++;
            kind = next();
        }
        boolean isAhead = kind == '=' || kind == '!';
        refuse(kind != ':' && !isAhead, "a group other than (, (?:, (?= and (?!");
        Regex inside = isAhead ? rest(depth + 1) : alternatives(depth + 1);
        refuse(peek() != ')', "a ( without )");
        at++;
        return isAhead ? new Regex.Ahead(inside, kind == '=') : inside;
    }

    /// The content of a lookahead, in which an alternative may be anchored to the end of the text.
    private Regex rest(int depth) {
        List<Regex> options = new ArrayList<>();
        do {
            at += options.isEmpty() ? 0 : 1;
            List<Regex> parts = new ArrayList<>(sequence(depth, true));
            if (peek() == '$') {
                at++;
            } else {
                parts.add(Regex.ANYTHING);
            }
            options.add(new Regex.Sequence(parts));
        } while (peek() == '|');
        return new Regex.Choice(options);
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
        refuse(point == '[', "a [ within a class");
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
        refuse(low > high, "a descending range");
        return CodePoints.of(low, high);
    }

    private int only(CodePoints points) {
        CodePoints.Range range = points.ranges().getFirst();
        refuse(points.ranges().size() > 1 || range.from() != range.to(), "a class as the end of a range");
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
            case 'p' -> notEmpty(property());
            case 'P' -> notEmpty(property().not());
            case 'x' -> single(hexadecimal(2));
            case 'u' -> single(hexadecimal(4));
            default -> {
                refuse(WORD.contains(point), "the escape \\" + Character.toString(point));
                yield single(point);
            }
        };
    }

    private CodePoints property() {
        StringBuilder name = new StringBuilder();
        if (next() == '{') {
            for (int point = next(); point != '}'; point = next()) {
                name.appendCodePoint(point);
            }
        }
        return UnicodeProperty.of(name.toString())
                .orElseThrow(() -> wrong("a Unicode property other than {Category}, {Script=Name} and {Property}"));
    }

    private int hexadecimal(int digits) {
        int value = 0;
        for (int i = 0; i < digits; i++) {
            int digit = Character.digit(next(), 16);
            refuse(digit < 0, "an escape without " + digits + " hexadecimal digits");
            value = 16 * value + digit;
        }
        return value;
    }

    private CodePoints single(int point) {
        return notEmpty(CodePoints.of(point, point));
    }

    private CodePoints notEmpty(CodePoints set) {
        refuse(set.isEmpty(), "a class or escape that matches no character");
        return set;
    }

    private int peek() {
        return at < points.length ? points[at] : NO_MORE;
    }

    private int next() {
        refuse(at == points.length, "an unexpected end");
        return points[at++];
    }

    private void refuse(boolean isWrong, String what) {
        if (isWrong) {
            throw wrong(what);
        }
    }

    private InputException wrong(String what) {
        String shown = points.length > MAX_SHOWN ? new String(points, 0, MAX_SHOWN) + "…" : expression;
        return new InputException("regular expression has " + what
                + ", which is unsupported or malformed, at character " + at + ": " + shown);
    }
}
