package dev.saiki.text.tokenizer;

import java.util.ArrayList;
import java.util.List;

/// A long text, split between words into parts that are tokenized as in the whole.
public final class TextChunks {

    /// The length after which a part ends at the next position where no word is cut.
    public static final int CHARACTERS = 1 << 17;

    private TextChunks() {}

    /// Splits a text only between words.
    ///
    /// @param text any text
    /// @return the parts in order; only the text itself if it is short
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
