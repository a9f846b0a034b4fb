package dev.saiki.chat.answer;

import java.util.OptionalInt;

/// The extent of a JSON object or array in a text that is still being written: where it ends, whether or not its
/// content is valid JSON. Looks at each character once.
///
/// Written here, since parsers of JSON refuse a text that breaks off, and cannot go on with it.
final class JsonExtent {

    private int at;
    private int depth;
    private boolean inString;
    private boolean isEscaped;

    /// @param start where the object or array begins
    JsonExtent(int start) {
        this.at = start;
    }

    /// Looks for the end.
    ///
    /// @param text what was looked at before, and what was written since
    /// @return the place behind the last bracket, once it is there
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
}
