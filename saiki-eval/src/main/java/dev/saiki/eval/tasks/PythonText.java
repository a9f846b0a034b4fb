package dev.saiki.eval.tasks;

import java.util.Locale;

/// Operations on text as Python defines them, since the rules of lm-evaluation-harness depend on Python's
/// definitions.
///
/// Java's definitions of whitespace differ: `String.strip` keeps the no-break space, and `\s` in patterns does not
/// match some control characters.
final class PythonText {

    private PythonText() {}

    /// Tells whether a character is whitespace, as defined by `str.isspace`.
    static boolean isSpace(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.SPACE_SEPARATOR, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default ->
                (codePoint >= 0x09 && codePoint <= 0x0D)
                        || (codePoint >= 0x1C && codePoint <= 0x1F)
                        || codePoint == 0x85;
        };
    }

    /// The index at which the trailing whitespace of a text begins; the text's length if there is none.
    static int endWithoutSpace(String text) {
        int end = text.length();
        // All whitespace lies in the Basic Multilingual Plane, so single chars suffice.
        while (end > 0 && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return end;
    }

    /// `str.strip`.
    static String strip(String text) {
        return stripStart(text.substring(0, endWithoutSpace(text)));
    }

    /// `str.lstrip`.
    static String stripStart(String text) {
        int start = 0;
        while (start < text.length() && isSpace(text.charAt(start))) {
            start++;
        }
        return text.substring(start);
    }

    /// `str.capitalize`: the first character in title case, all others in lower case.
    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        String first = Character.toString(text.codePointAt(0));
        // The whole text is converted in one call, since the lower-case form of a sigma depends on the letter
        // before it.
        String rest = text.toLowerCase(Locale.ROOT)
                .substring(first.toLowerCase(Locale.ROOT).length());
        return titled(first) + rest;
    }

    /// The title case of a character, which may consist of several characters: sharp s becomes Ss.
    private static String titled(String character) {
        String upper = character.toUpperCase(Locale.ROOT);
        return length(upper) > 1
                ? upper.substring(0, 1) + upper.substring(1).toLowerCase(Locale.ROOT)
                : Character.toString(Character.toTitleCase(character.codePointAt(0)));
    }

    /// `len`: the number of code points rather than UTF-16 units.
    static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    /// `len(re.split(r"\s+", text))`: the number of whitespace runs plus one.
    static int countWords(String text) {
        int words = 1;
        boolean inSpace = false;
        for (int i = 0; i < text.length(); i++) {
            boolean space = isSpace(text.charAt(i));
            words += space && !inSpace ? 1 : 0;
            inSpace = space;
        }
        return words;
    }
}
