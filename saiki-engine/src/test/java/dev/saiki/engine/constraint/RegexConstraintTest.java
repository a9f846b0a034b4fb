package dev.saiki.engine.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Tests that compare regular expressions with Java's own.
class RegexConstraintTest {

    private static final long SEED = 20261126;
    private static final String LETTERS = "ab0 -é😀\n.]^\\";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a*b",
                "(?:a|ab)+0?",
                "[^a-b\\d]{1,3}",
                "\\w+(-\\w+)*",
                ".{2}",
                "(a*)*b",
                "a{2,}|b{0,2}",
                "[\\]^\\-.]+",
                "\\S\\s\\D",
                "^(é|\\u00e9\\x61)+$",
                "a+?b??",
                "[😀-😂é]*",
                "(?=a)[ab]{2}",
                "(?!ab)(?!.*0)[ab0]*",
                "a(?!b)[ab]*|b(?=.*a)[ab]+",
                "b?(?:(?!.*0)(?=a|b$)a?)?[ab]{1,3}",
                "(?=.{2,3}a?$)[ab]*",
                "\\p{Ll}+|\\P{L}\\p{Nd}?"
            })
    void matchesWhatJavaMatches(String expression) {
        Pattern judge = Pattern.compile(expression);
        Grammar grammar = TextConstraint.regex(expression).grammar();
        Random random = new Random(SEED);
        int[] letters = LETTERS.codePoints().toArray();
        for (int i = 0; i < 2000; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(6); length > 0; length--) {
                text.appendCodePoint(letters[random.nextInt(letters.length)]);
            }
            assertThat(Walks.matches(grammar, text.toString()))
                    .as("seed %d: %s against %s", SEED, text, expression)
                    .isEqualTo(judge.matcher(text).matches());
        }
        for (int i = 0; i < 200; i++) {
            Walks.random(grammar, random)
                    .ifPresent(text -> assertThat(new String(text, StandardCharsets.UTF_8))
                            .as("seed %d", SEED)
                            .matches(judge));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(",
                ")",
                "[a",
                "a**",
                "*",
                "a{3,2}",
                "a{99999}",
                "(?<=a)",
                "(?:(?=a)b)*",
                "(?=a)*",
                "(?<n>a)",
                "\\1",
                "\\b",
                "a^b",
                "[b-a]",
                "\\",
                "\\ud800",
                "[^\\w\\W]"
            })
    void whatIsNotSupportedIsRefused(String expression) {
        assertThatThrownBy(() -> TextConstraint.regex(expression))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("regular expression");
    }

    @Test
    void nestingIsBounded() {
        String deep = "(".repeat(10_000) + "a" + ")".repeat(10_000);
        assertThatThrownBy(() -> TextConstraint.regex(deep)).isInstanceOf(InputException.class);
    }

    @Test
    void aChoiceIsOneOfItsTexts() {
        Grammar grammar = TextConstraint.choice(List.of("yes", "no", "nothing")).grammar();
        assertThat(Walks.matches(grammar, "no")).isTrue();
        assertThat(Walks.matches(grammar, "nothing")).isTrue();
        assertThat(Walks.matches(grammar, "noth")).isFalse();
        assertThatThrownBy(() -> TextConstraint.choice(List.of("a", ""))).isInstanceOf(InputException.class);
        assertThatThrownBy(() -> TextConstraint.choice(List.of())).isInstanceOf(InputException.class);
    }
}
