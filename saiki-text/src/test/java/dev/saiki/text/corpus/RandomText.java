package dev.saiki.text.corpus;

import java.util.List;
import java.util.random.RandomGenerator;

/// Random strings with unusual Unicode characters; equal generator states give equal strings.
public final class RandomText {

    private static final List<String> PIECES = List.of(
            "the",
            " of",
            " and",
            "Whale",
            " it's",
            "'ll",
            "'S",
            "''",
            "'",
            " 'tis",
            "don’t",
            " ",
            "  ",
            "   ",
            "\n",
            "\n\n",
            " \n ",
            "\t",
            "\r\n",
            "\u00A0",
            "\u3000",
            "\u0085",
            "\u200B",
            "\u2028",
            "1",
            "2024",
            " 42",
            "½",
            "Ⅷ",
            "٣",
            "é",
            "e\u0301",
            "ß",
            "ſ",
            "Привет",
            "你好",
            "日本語",
            "한국어",
            "שלום",
            "مرحبا",
            "ไทย",
            "🙂",
            "👩‍👩‍👧",
            "𝒜",
            "\uFEFF",
            "\uE000",
            "\uFFFD",
            "!",
            "?!",
            "...",
            "—",
            "<|endoftext|>",
            "{}",
            "\u0000",
            "\u007F");

    private RandomText() {}

    /// Pieces of text, with an occasional random defined character.
    public static String unicode(RandomGenerator random, int pieces) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < pieces; i++) {
            if (random.nextInt(4) > 0) {
                text.append(PIECES.get(random.nextInt(PIECES.size())));
            } else {
                text.appendCodePoint(definedCodePoint(random));
            }
        }
        return text.toString();
    }

    /// The same as {@link #unicode}, with unpaired surrogates.
    public static String malformed(RandomGenerator random, int pieces) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < pieces; i++) {
            text.append(unicode(random, random.nextInt(3)));
            text.append((char) random.nextInt(Character.MIN_SURROGATE, Character.MAX_SURROGATE + 1));
        }
        return text.toString();
    }

    private static int definedCodePoint(RandomGenerator random) {
        while (true) {
            int codePoint = random.nextInt(random.nextBoolean() ? 0x1_0000 : Character.MAX_CODE_POINT + 1);
            boolean surrogate = codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
            if (Character.isDefined(codePoint) && !surrogate) {
                return codePoint;
            }
        }
    }
}
