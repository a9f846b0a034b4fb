package dev.saiki.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StopMatcherTest {

    @Test
    void whatMightBecomeAStopTextIsHeldBack() {
        StopMatcher matcher = new StopMatcher(List.of("\n\nEND"));
        assertThat(matcher.take("one\n")).isEqualTo("one");
        assertThat(matcher.take("two\n\n")).isEqualTo("\ntwo");
        assertThat(matcher.take("EN")).isEmpty();
        assertThat(matcher.take("TER")).isEqualTo("\n\nENTER");
        assertThat(matcher.rest()).isEmpty();
        assertThat(matcher.found()).isEmpty();
    }

    @Test
    void theEarliestStopTextWins() {
        StopMatcher matcher = new StopMatcher(List.of("cd", "bc"));
        assertThat(matcher.take("abcd")).isEqualTo("a");
        assertThat(matcher.found()).contains("bc");
        assertThat(matcher.rest()).isEmpty();
    }

    @Test
    void howATextIsCutMakesNoDifference() {
        Random random = new Random(7);
        for (int run = 0; run < 2000; run++) {
            String text = random.ints(20, 'a', 'd')
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString();
            List<String> stops = List.of("abca", "cc", "bab");
            String whole = given(new StopMatcher(stops), List.of(text));
            StopMatcher cut = new StopMatcher(stops);
            assertThat(given(cut, text.chars().mapToObj(Character::toString).toList()))
                    .as(text)
                    .isEqualTo(whole);
        }
    }

    private static String given(StopMatcher matcher, List<String> pieces) {
        StringBuilder out = new StringBuilder();
        for (String piece : pieces) {
            out.append(matcher.take(piece));
            if (matcher.found().isPresent()) {
                return out.toString();
            }
        }
        return out.append(matcher.rest()).toString();
    }
}
