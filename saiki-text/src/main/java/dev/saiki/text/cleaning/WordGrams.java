package dev.saiki.text.cleaning;

import dev.saiki.text.hash.SplitMix64;
import java.util.OptionalLong;
import java.util.function.LongConsumer;

/// The runs of a fixed number of words in a text, as hashes, ignoring case and everything between the words.
///
/// In Han, Hiragana and Katakana, which are written without spaces, each character is a word.
final class WordGrams {

    private static final long BASE = 0x9E37_79B9_7F4A_7C15L;
    private static final int FIRST_UNSPACED = 0x2E80;

    private final LongConsumer grams;
    private final long[] words;
    private long word;
    private boolean inWord;
    private long count;

    private WordGrams(int length, LongConsumer grams) {
        this.grams = grams;
        words = new long[length];
    }

    /// Reads a text.
    ///
    /// @param text the whole text
    /// @param length the number of words in a run
    /// @param grams receives the hash of each run, in order
    /// @return the hash of all words if the text has fewer words than a run, but at least one
    static OptionalLong read(String text, int length, LongConsumer grams) {
        WordGrams reader = new WordGrams(length, grams);
        text.codePoints().forEach(reader::take);
        reader.endWord();
        return reader.count > 0 && reader.count < length ? OptionalLong.of(reader.gram()) : OptionalLong.empty();
    }

    private static boolean isUnspaced(int codePoint) {
        if (codePoint < FIRST_UNSPACED) {
            return false;
        }
        return switch (Character.UnicodeScript.of(codePoint)) {
            case HAN, HIRAGANA, KATAKANA -> true;
            default -> false;
        };
    }

    private void take(int codePoint) {
        if (isUnspaced(codePoint)) {
            endWord();
            word = codePoint;
            inWord = true;
            endWord();
        } else if (Character.isLetterOrDigit(codePoint)) {
            word = word * BASE + Character.toLowerCase(codePoint);
            inWord = true;
        } else {
            endWord();
        }
    }

    private void endWord() {
        if (inWord) {
            words[(int) (count % words.length)] = SplitMix64.mix(word);
            count++;
            word = 0;
            inWord = false;
            if (count >= words.length) {
                grams.accept(gram());
            }
        }
    }

    private long gram() {
        long gram = 0;
        for (int i = 0; i < words.length; i++) {
            gram = gram * BASE + words[(int) ((count + i) % words.length)];
        }
        return SplitMix64.mix(gram);
    }
}
