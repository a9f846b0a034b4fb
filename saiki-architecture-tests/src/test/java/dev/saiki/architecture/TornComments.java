package dev.saiki.architecture;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// The places at which a formatter has torn a `///` comment: it breaks a line that is too long, and leaves the
/// last word or two on a line of their own, in the middle of a paragraph.
///
/// The last line of a paragraph may be short, and so may a line that ends a sentence; tables, code and headings
/// are ignored.
final class TornComments {

    private static final int FEW_WORDS = 2;
    private static final Pattern END_OF_SENTENCE = Pattern.compile(".*[.:;!?]");
    private static final Pattern STARTS_ITEM = Pattern.compile("\\s*(@|[-*|#>]|\\d+\\. |```).*");

    private TornComments() {}

    /// Finds the places.
    ///
    /// @param lines the lines of a source file
    /// @return the numbers of the lines with the torn words, from 1
    static List<Integer> in(List<String> lines) {
        List<Integer> torn = new ArrayList<>();
        boolean isCode = false;
        for (int i = 1; i < lines.size() - 1; i++) {
            String text = comment(lines.get(i));
            isCode ^= text.strip().startsWith("```");
            if (!isCode && isFewWords(text) && isCut(lines.get(i - 1)) && goesOn(lines.get(i), lines.get(i + 1))) {
                torn.add(i + 1);
            }
        }
        return torn;
    }

    private static boolean isFewWords(String text) {
        return !text.isBlank()
                && text.strip().split("\\s+").length <= FEW_WORDS
                && !STARTS_ITEM.matcher(text).matches();
    }

    private static boolean isCut(String before) {
        String text = comment(before);
        return !text.isBlank() && !END_OF_SENTENCE.matcher(text).matches() && !text.contains("|");
    }

    /// Torn words are a mistake even in the last line of a tag if they lost the indentation of the tag.
    private static boolean goesOn(String line, String after) {
        String next = comment(after);
        boolean isText = !next.isBlank() && !STARTS_ITEM.matcher(next).matches();
        return isText && !END_OF_SENTENCE.matcher(comment(line)).matches();
    }

    /// The text of a line of Javadoc; empty for any other line.
    private static String comment(String line) {
        String stripped = line.strip();
        return stripped.startsWith("///") ? stripped.substring(3) : "";
    }
}
