package dev.saiki.text.template;

import dev.saiki.io.InputException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A lexer with Jinja's `trim_blocks` and `lstrip_blocks`, which remove a line break after a tag and the white
/// space before a tag that starts its line. At either end of a tag, `-` removes all adjacent white space, `+`
/// keeps it.
final class Lexer {

    private static final List<String> LONG_OPERATORS = List.of("==", "!=", "<=", ">=", "//", "**");
    private static final Pattern EXPONENT = Pattern.compile("[eE][+-]?[0-9]+");
    private static final String SHORT_OPERATORS = "+-*/%~<>()[]{}.:|=,";

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private boolean lineStarting = true;
    private int counted;
    private int line = 1;

    /// The kind of a token.
    enum Kind {
        TEXT,
        PRINT,
        PRINT_END,
        BLOCK,
        BLOCK_END,
        NAME,
        STRING,
        INTEGER,
        FLOAT,
        OPERATOR,
        END
    }

    /// A token.
    ///
    /// @param text the source text of the token; for a string, its value
    /// @param line the number of the line, from 1
    record Token(Kind kind, String text, int line) {

        boolean is(Kind wanted, String written) {
            return kind == wanted && text.equals(written);
        }
    }

    private Lexer(String source) {
        this.source = source;
    }

    /// Splits a template into tokens.
    ///
    /// @throws InputException if the text is not valid Jinja
    static List<Token> cut(String source) {
        String lines = source.replace("\r\n", "\n").replace('\r', '\n');
        // The final line break of the file is not part of the template.
        Lexer lexer = new Lexer(lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines);
        lexer.run();
        return lexer.tokens;
    }

    private void run() {
        while (at < source.length()) {
            int open = opening();
            if (open < 0) {
                add(Kind.TEXT, source.substring(at));
                at = source.length();
            } else {
                tag(open);
            }
        }
        add(Kind.END, "");
    }

    private int opening() {
        int open = source.indexOf('{', at);
        while (open >= 0 && open + 1 < source.length() && "{%#".indexOf(source.charAt(open + 1)) < 0) {
            open = source.indexOf('{', open + 1);
        }
        return open + 1 < source.length() ? open : -1;
    }

    private void tag(int open) {
        char kind = source.charAt(open + 1);
        char sign = open + 2 < source.length() ? source.charAt(open + 2) : ' ';
        String before = source.substring(at, open);
        if (sign == '-') {
            before = before.stripTrailing();
        } else if (sign != '+' && kind != '{') {
            before = withoutIndentation(before);
        }
        if (!before.isEmpty()) {
            add(Kind.TEXT, before);
        }
        at = open + 2;
        if (kind == '#') {
            comment();
            return;
        }
        at += sign == '-' || sign == '+' ? 1 : 0;
        boolean block = kind == '%';
        add(block ? Kind.BLOCK : Kind.PRINT, source.substring(open, open + 2));
        inside(block);
    }

    private String withoutIndentation(String before) {
        int line = before.lastIndexOf('\n') + 1;
        boolean beginsLine = line > 0 || lineStarting;
        return beginsLine && before.substring(line).isBlank() ? before.substring(0, line) : before;
    }

    private void comment() {
        int end = source.indexOf("#}", at);
        refuse(end < 0, "a comment is not closed");
        char sign = source.charAt(end - 1);
        at = end + 2;
        after(sign, true);
    }

    /// Skips the white space that the end of a tag removes.
    private void after(char sign, boolean trims) {
        if (sign == '-') {
            while (at < source.length() && Character.isWhitespace(source.charAt(at))) {
                at++;
            }
        } else if (sign != '+' && trims && at < source.length() && source.charAt(at) == '\n') {
            at++;
        }
        lineStarting = source.charAt(at - 1) == '\n';
    }

    private void inside(boolean block) {
        Deque<Character> open = new ArrayDeque<>();
        String end = block ? "%}" : "}}";
        while (at < source.length()) {
            char c = source.charAt(at);
            boolean signed = (c == '-' || (c == '+' && block)) && source.startsWith(end, at + 1);
            if (open.isEmpty() && (signed || source.startsWith(end, at))) {
                add(block ? Kind.BLOCK_END : Kind.PRINT_END, end);
                at += signed ? 3 : 2;
                after(signed ? c : ' ', block);
                return;
            }
            if (Character.isWhitespace(c)) {
                at++;
            } else {
                token(c, open);
            }
        }
        throw wrong("a tag is not closed");
    }

    private void token(char c, Deque<Character> open) {
        if (c == '\'' || c == '"') {
            string(c);
        } else if (Character.isDigit(c)) {
            number();
        } else if (Character.isLetter(c) || c == '_') {
            int from = at;
            while (at < source.length() && isPartOfName(source.charAt(at))) {
                at++;
            }
            add(Kind.NAME, source.substring(from, at));
        } else {
            operator(c, open);
        }
    }

    private static boolean isPartOfName(char c) {
        return Character.isLetterOrDigit(c) || c == '_';
    }

    private void operator(char c, Deque<Character> open) {
        for (String operator : LONG_OPERATORS) {
            if (source.startsWith(operator, at)) {
                add(Kind.OPERATOR, operator);
                at += 2;
                return;
            }
        }
        refuse(SHORT_OPERATORS.indexOf(c) < 0, "unexpected '" + c + "'");
        int bracket = "([{".indexOf(c);
        if (bracket >= 0) {
            open.push(")]}".charAt(bracket));
        } else if (")]}".indexOf(c) >= 0) {
            refuse(open.isEmpty() || open.pop() != c, "unmatched '" + c + "'");
        }
        add(Kind.OPERATOR, String.valueOf(c));
        at++;
    }

    private void number() {
        int from = at;
        digits();
        boolean real = false;
        if (at + 1 < source.length() && source.charAt(at) == '.' && Character.isDigit(source.charAt(at + 1))) {
            real = true;
            at++;
            digits();
        }
        Matcher exponent = EXPONENT.matcher(source).region(at, source.length());
        if (exponent.lookingAt()) {
            real = true;
            at = exponent.end();
        }
        add(real ? Kind.FLOAT : Kind.INTEGER, source.substring(from, at).replace("_", ""));
    }

    private void digits() {
        while (at < source.length() && (Character.isDigit(source.charAt(at)) || source.charAt(at) == '_')) {
            at++;
        }
    }

    private void string(char quote) {
        StringBuilder text = new StringBuilder();
        int begins = line();
        at++;
        while (at < source.length() && source.charAt(at) != quote) {
            if (source.charAt(at) == '\\' && at + 1 < source.length()) {
                escape(text);
            } else {
                text.append(source.charAt(at));
                at++;
            }
        }
        refuse(at == source.length(), "a string is not closed");
        at++;
        tokens.add(new Token(Kind.STRING, text.toString(), begins));
    }

    /// Decodes an escape of Python; an unknown escape is kept unchanged.
    private void escape(StringBuilder text) {
        char c = source.charAt(at + 1);
        int simple = "ntrfbav\\'\"".indexOf(c);
        int digits = "xuU".indexOf(c) < 0 ? 0 : 2 << "xuU".indexOf(c);
        at += 2;
        if (simple >= 0) {
            text.append("\n\t\r\f\b\u0007\u000b\\'\"".charAt(simple));
        } else if (c != '\n' && digits == 0) {
            text.append('\\').append(c);
        } else if (digits > 0) {
            if (!source.substring(at, Math.min(source.length(), at + digits)).matches("[0-9a-fA-F]{" + digits + "}")) {
                throw wrong("\\" + c + " needs " + digits + " hexadecimal digits");
            }
            long point = Long.parseLong(source, at, at + digits, 16);
            refuse(point > Character.MAX_CODE_POINT, "\\" + c + " is not a character");
            text.appendCodePoint((int) point);
            at += digits;
        }
    }

    private void add(Kind kind, String text) {
        tokens.add(new Token(kind, text, line()));
    }

    private int line() {
        for (; counted < at; counted++) {
            line += source.charAt(counted) == '\n' ? 1 : 0;
        }
        return line;
    }

    private void refuse(boolean isWrong, String what) {
        if (isWrong) {
            throw wrong(what);
        }
    }

    private InputException wrong(String what) {
        return new InputException("line " + line() + ": " + what);
    }
}
