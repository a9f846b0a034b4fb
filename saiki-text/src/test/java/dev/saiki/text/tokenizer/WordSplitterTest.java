package dev.saiki.text.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.text.corpus.RandomText;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class WordSplitterTest {

    private static List<String> scan(String text) {
        List<String> words = new ArrayList<>();
        WordSplitter.split(text, 0, text.length(), (whole, from, to) -> words.add(whole.substring(from, to)));
        return words;
    }

    private static List<String> match(String text) {
        List<String> words = new ArrayList<>();
        Matcher matcher = Pattern.compile(WordPatterns.GPT_2, Pattern.UNICODE_CHARACTER_CLASS)
                .matcher(text);
        while (matcher.find()) {
            words.add(matcher.group());
        }
        return words;
    }

    @Test
    void wordsKeepTheSpaceBeforeThem() {
        assertThat(scan("It's 1851, they'll  say:\n\n ok "))
                .containsExactly("It", "'s", " 1851", ",", " they", "'ll", " ", " say", ":", "\n\n", " ok", " ");
    }

    @Test
    void theScannerIsTheRegularExpression() {
        for (long seed = 0; seed < 3_000; seed++) {
            String text = RandomText.unicode(new Random(seed), 1 + (int) (seed % 40));
            assertThat(scan(text)).as("seed %d: %s", seed, text).isEqualTo(match(text));
        }
    }

    @Test
    void theScannerIsTheRegularExpressionForEveryCharacter() {
        for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
            if (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
                continue;
            }
            String text = " a" + Character.toString(codePoint) + "1 ";
            if (!scan(text).equals(match(text))) {
                assertThat(scan(text)).as("U+%04X", codePoint).isEqualTo(match(text));
            }
        }
    }

    @Test
    void aSafeCutChangesNoWord() {
        for (long seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            String text = RandomText.unicode(random, 60);
            int cut = WordSplitter.safeCut(text, random.nextInt(text.length()));
            List<String> apart = new ArrayList<>(scan(text.substring(0, cut)));
            apart.addAll(scan(text.substring(cut)));
            assertThat(apart).as("seed %d, cut at %d", seed, cut).isEqualTo(scan(text));
        }
    }

    @Test
    void partsOfALongTextAreItsWholeWithTheSameWords() {
        String line = "Call me Ishmael.\n";
        String text = line.repeat(3 * TextChunks.CHARACTERS / line.length());
        List<String> parts = TextChunks.of(text);
        assertThat(parts).hasSizeGreaterThan(2);
        assertThat(String.join("", parts)).isEqualTo(text);
        List<String> words = new ArrayList<>();
        parts.forEach(part -> words.addAll(scan(part)));
        assertThat(words).isEqualTo(scan(text));
    }

    @Test
    void aTextWithoutLinesIsOnePart() {
        assertThat(TextChunks.of("a".repeat(TextChunks.CHARACTERS * 2))).hasSize(1);
    }
}
