package dev.saiki.report;

import java.util.ArrayDeque;
import java.util.Deque;

/// A builder of markup, which closes elements in order and escapes all text.
final class MarkupBuilder {

    private static final char REPLACEMENT = '\uFFFD';

    private final StringBuilder out = new StringBuilder(1 << 16);
    private final Deque<String> open = new ArrayDeque<>();

    /// The end of a start tag that can still receive attributes; empty if there is none.
    private String tagEnd = "";

    /// Opens an element.
    ///
    /// @param tag name of the element
    /// @param attributes alternating names and values; values are escaped
    MarkupBuilder open(String tag, String... attributes) {
        start(tag, attributes);
        tagEnd = ">";
        open.push(tag);
        return this;
    }

    /// Writes an element without content.
    MarkupBuilder leaf(String tag, String... attributes) {
        start(tag, attributes);
        tagEnd = "/>";
        return this;
    }

    /// Adds an attribute to the element that was just opened, or to the element without content that was just
    /// written.
    ///
    /// @param name name of the attribute
    /// @param value value of the attribute, which is escaped
    MarkupBuilder attribute(String name, String value) {
        out.append(' ').append(name).append("=\"");
        escape(value);
        out.append('"');
        return this;
    }

    /// Closes the innermost open element.
    MarkupBuilder close() {
        endTag();
        out.append("</").append(open.pop()).append('>');
        return this;
    }

    /// Writes text.
    MarkupBuilder text(String text) {
        endTag();
        escape(text);
        return this;
    }

    /// Writes an element that contains only text.
    MarkupBuilder element(String tag, String text, String... attributes) {
        return open(tag, attributes).text(text).close();
    }

    /// Inserts a line break between two elements, where whitespace has no meaning.
    MarkupBuilder line() {
        endTag();
        out.append('\n');
        return this;
    }

    /// Writes markup that is part of the program, without escaping; never use it for other text.
    MarkupBuilder trusted(String markup) {
        endTag();
        out.append(markup);
        return this;
    }

    /// Returns the markup.
    String finish() {
        endTag();
        if (!open.isEmpty()) {
            throw new IllegalStateException("not closed: " + open);
        }
        return out.toString();
    }

    private void start(String tag, String... attributes) {
        endTag();
        out.append('<').append(tag);
        for (int i = 0; i < attributes.length; i += 2) {
            attribute(attributes[i], attributes[i + 1]);
        }
    }

    private void endTag() {
        out.append(tagEnd);
        tagEnd = "";
    }

    private void escape(String text) {
        text.codePoints().forEach(this::escape);
    }

    private void escape(int codePoint) {
        switch (codePoint) {
            case '&' -> out.append("&amp;");
            case '<' -> out.append("&lt;");
            case '>' -> out.append("&gt;");
            case '"' -> out.append("&quot;");
            case '\'' -> out.append("&#39;");
            default -> out.appendCodePoint(isAllowed(codePoint) ? codePoint : REPLACEMENT);
        }
    }

    /// Tells whether HTML allows a code point in text: no control character, unpaired surrogate or noncharacter.
    private static boolean isAllowed(int codePoint) {
        boolean control =
                codePoint < 0x20 ? codePoint != '\n' && codePoint != '\t' : codePoint >= 0x7F && codePoint < 0xA0;
        boolean surrogate = codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
        boolean nonCharacter = (codePoint & 0xFFFE) == 0xFFFE || (codePoint >= 0xFDD0 && codePoint <= 0xFDEF);
        return !control && !surrogate && !nonCharacter;
    }
}
