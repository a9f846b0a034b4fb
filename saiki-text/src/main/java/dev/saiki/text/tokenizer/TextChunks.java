package dev.saiki.text.tokenizer;

import java.util.ArrayList;
import java.util.List;

/// A long text, split so that the words of the parts are the words of the whole.
public final class TextChunks {

    /// From this many characters on, the next safe place is cut.
    public static final int CHARACTERS = 1 << 17;

    private TextChunks() {}

    /// Cuts a text where no word is cut.
    ///
    /// @param text any text
    /// @return its parts in order; the text itself if it is short
    public static List<String> of(String text) {
        if (text.length() <= CHARACTERS) {
            return List.of(text);
        }
        List<String> parts = new ArrayList<>();
        int start = 0;
        while (start < text.length()) {
            int end = WordSplitter.safeCut(text, Math.min(text.length(), start + CHARACTERS));
            parts.add(text.substring(start, end));
            start = end;
        }
        return parts;
    }
}
