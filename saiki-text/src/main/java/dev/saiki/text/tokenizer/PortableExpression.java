package dev.saiki.text.tokenizer;

import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// A check for regular expressions that Java's engine and Oniguruma, which Hugging Face uses, interpret alike.
///
/// Allowed are plain characters; escaped punctuation; `\r \n \t \s \S \d \D`; general categories such as `\p{Lu}`;
/// classes of these with ranges, not nested; groups `(…)`, `(?:…)`, `(?=…)`, `(?!…)`, `(?<=…)`, `(?<!…)`; `|`; `*`,
/// `+`, `?`, `{m,n}`, each alone or reluctant, and not in a look-behind; the possessive `*+`, `++`, `?+`; and `.`, `^`
/// and `$`.
/// Case-insensitive matching is allowed only in contractions such as `(?i:[sdmt]|ll|ve|re)`, because the two engines
/// fold the case of other letters differently. Back-references, `\w`, `\b` and the rest differ in
/// meaning and are refused.
final class PortableExpression {

    private static final int MAX_LENGTH = 1 << 12;
    private static final int DEEPEST = 32;
    private static final Set<String> CATEGORIES = Set.of(
            "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps",
            "Pe", "Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp");
    private static final Pattern CONTRACTIONS = Pattern.compile("\\(\\?i:'?[sdmtlvre'|\\[\\]]*\\)");
    private static final Pattern BEHIND = Pattern.compile("(?<!\\\\)(?:\\\\\\\\)*\\(\\?<[=!]");
    private static final String NEVER = "(?!)\uDBFF\uDFFF";

    /// In Oniguruma, `^` and `$` match at every line feed, and no other character ends a line.
    private static final int FLAGS = Pattern.UNICODE_CHARACTER_CLASS | Pattern.MULTILINE | Pattern.UNIX_LINES;

    private static final String ESCAPED = "\\[](){}.*+?^$|/-!'\"#%&,:;<=>@_`~ ";

    private final String text;
    private int at;
    private int depth;
    /// The depth at which the outermost open look-behind began; 0 if none is open.
    private int behind;

    private PortableExpression(String text) {
        this.text = text;
    }

    /// Tells whether an expression consists of allowed parts only.
    ///
    /// @param expression any text
    /// @return whether both engines find the same matches
    static boolean isPortable(String expression) {
        String plain = CONTRACTIONS.matcher(expression).replaceAll("(?:x)");
        if (plain.length() > MAX_LENGTH || plain.isEmpty()) {
            return false;
        }
        try {
            compile(expression);
        } catch (PatternSyntaxException | StackOverflowError e) {
            return false;
        }
        return new PortableExpression(plain).holds();
    }

    /// Compiles an expression for Java's engine, which goes through a text and looks behind by characters, and not by
    /// halves of surrogate pairs, only if the expression contains such a pair: one that never matches is added.
    static Pattern compile(String expression) {
        String paired = BEHIND.matcher(expression).replaceAll("$0" + NEVER + "|");
        return Pattern.compile(paired + "|" + NEVER, FLAGS);
    }

    private boolean holds() {
        while (at < text.length()) {
            if (!part()) {
                return false;
            }
        }
        return depth == 0;
    }

    private boolean part() {
        char c = text.charAt(at++);
        if (behind > 0 && "*+?{".indexOf(c) >= 0) {
            return false;
        }
        return switch (c) {
            case '(' -> group();
            case ')' -> {
                behind = depth == behind ? 0 : behind;
                yield --depth >= 0;
            }
            case '[' -> characterClass();
            case '\\' -> escape();
            case '{' -> counts();
            case ']', '}' -> false;
            case '^', '$' -> isNotRepeated();
            case '*', '+', '?' -> possessive();
            default -> true;
        };
    }

    private boolean group() {
        if (++depth > DEEPEST) {
            return false;
        }
        if (at < text.length() && text.charAt(at) == '?') {
            boolean looksBehind = text.startsWith("?<=", at) || text.startsWith("?<!", at);
            if (!looksBehind && (at + 1 >= text.length() || ":=!".indexOf(text.charAt(at + 1)) < 0)) {
                return false;
            }
            behind = looksBehind && behind == 0 ? depth : behind;
            at += looksBehind ? 3 : 2;
        }
        return true;
    }

    /// Accepts at most one sign after a quantifier, because the engines interpret several signs differently.
    private boolean possessive() {
        if (at < text.length() && "?+".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        return isNotRepeated();
    }

    private boolean isNotRepeated() {
        return at >= text.length() || "*+?{".indexOf(text.charAt(at)) < 0;
    }

    /// `{m}`, `{m,}` or `{m,n}`; `{m,n}+` is not possessive in Oniguruma.
    private boolean counts() {
        int end = text.indexOf('}', at);
        if (end < 0 || !text.substring(at, end).matches("[0-9]{1,3}(,[0-9]{0,3})?")) {
            return false;
        }
        at = end + 1;
        return isNotRepeated();
    }

    private boolean escape() {
        if (at >= text.length()) {
            return false;
        }
        char c = text.charAt(at++);
        if (c == 'p' || c == 'P') {
            int end = text.indexOf('}', at);
            boolean known = at < text.length()
                    && text.charAt(at) == '{'
                    && end > at
                    && CATEGORIES.contains(text.substring(at + 1, end));
            at = end + 1;
            return known;
        }
        return "rntsSdD".indexOf(c) >= 0 || ESCAPED.indexOf(c) >= 0;
    }

    private boolean characterClass() {
        if (at < text.length() && text.charAt(at) == '^') {
            at++;
        }
        int start = at;
        while (at < text.length() && text.charAt(at) != ']') {
            char c = text.charAt(at++);
            boolean ampersands = c == '&' && at < text.length() && text.charAt(at) == '&';
            if (c == '[' || text.startsWith("(?<", at - 1) || ampersands || (c == '\\' && !escape())) {
                return false;
            }
        }
        return at > start && at++ < text.length();
    }
}
