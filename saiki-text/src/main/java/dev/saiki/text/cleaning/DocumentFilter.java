package dev.saiki.text.cleaning;

import java.util.HashSet;
import java.util.Set;

/// Filters on a document's own text.
///
/// @param options the limits
public record DocumentFilter(CleaningOptions options) {

    /// Applies the rules to a text.
    ///
    /// @param text the whole text
    /// @return the first rule that the text violates, or {@link DocumentVerdict#KEPT}
    public DocumentVerdict judge(String text) {
        if (text.codePointCount(0, text.length()) < options.minCharacters()) {
            return DocumentVerdict.TOO_SHORT;
        }
        if (options.minLetters() > 0 && letterShare(text) < options.minLetters()) {
            return DocumentVerdict.FEW_LETTERS;
        }
        if (options.maxRepeatedLines() < 1 && repeatedLineShare(text) > options.maxRepeatedLines()) {
            return DocumentVerdict.REPEATED_LINES;
        }
        return DocumentVerdict.KEPT;
    }

    private static double letterShare(String text) {
        long letters = 0;
        long visible = 0;
        for (int at = 0; at < text.length(); ) {
            int codePoint = text.codePointAt(at);
            at += Character.charCount(codePoint);
            letters += Character.isLetter(codePoint) ? 1 : 0;
            visible += Character.isWhitespace(codePoint) ? 0 : 1;
        }
        return visible == 0 ? 0 : (double) letters / visible;
    }

    private static double repeatedLineShare(String text) {
        Set<String> seen = new HashSet<>();
        long[] counts = new long[2];
        text.lines().map(String::strip).filter(line -> !line.isEmpty()).forEach(line -> {
            counts[0]++;
            counts[1] += seen.add(line) ? 0 : 1;
        });
        return counts[0] == 0 ? 0 : (double) counts[1] / counts[0];
    }
}
