package dev.saiki.chat.answer;

import java.util.OptionalInt;

/// A scanner for the end of a JSON object or array in a text that is still being written. The content need not be
/// valid JSON. Each character is scanned once.
///
/// JSON parsers cannot be used, because they reject truncated text and cannot resume.
final class JsonExtent {

    private int at;
    private int depth;
    private boolean inString;
    private boolean isEscaped;

    /// @param start index where the object or array begins
    JsonExtent(int start) {
        this.at = start;
    }

    /// Looks for the end.
    ///
    /// @param text the text that was scanned before, with more text appended
    /// @return the index after the object or array; empty if its end has not arrived
    OptionalInt end(CharSequence text) {
        while (at < text.length()) {
            char next = text.charAt(at);
            at++;
            if (inString) {
                inString = isEscaped || next != '"';
                isEscaped = !isEscaped && next == '\\';
            } else {
                inString = next == '"';
                depth += next == '{' || next == '[' ? 1 : 0;
                depth -= next == '}' || next == ']' ? 1 : 0;
                if (depth == 0) {
                    return OptionalInt.of(at);
                }
            }
        }
        return OptionalInt.empty();
    }

    /// The index of the first character that is not white space.
    static int behindSpace(CharSequence text, int start) {
        int at = start;
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return at;
    }
}
