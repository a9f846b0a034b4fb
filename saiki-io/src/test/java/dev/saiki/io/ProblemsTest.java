package dev.saiki.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProblemsTest {

    private static void fail(String problem) {
        throw new InputException(problem);
    }

    @Test
    void oneCheckKeepsNoOtherFromRunning() {
        assertThatThrownBy(() -> Problems.requireAll(() -> fail("a"), () -> {}, () -> fail("b")))
                .isInstanceOfSatisfying(
                        InputException.class, e -> assertThat(e.problems()).containsExactly("a", "b"))
                .hasMessage("a; b");
        assertThatCode(() -> Problems.requireAll(() -> {})).doesNotThrowAnyException();
    }

    @Test
    void problemsOfPartsAreThoseOfTheWholeAndNoneIsSaidTwice() {
        Problems problems = new Problems();
        assertThat(problems.isEmpty()).isTrue();
        assertThat(problems.attempt(() -> "made")).contains("made");
        problems.check(() -> Problems.requireAll(() -> fail("a"), () -> fail("b")));
        problems.add("a");
        assertThat(problems.size()).isEqualTo(2);
        assertThatThrownBy(() -> problems.throwIfAny("file")).hasMessage("file: 2 problems\n  - a\n  - b");
    }

    @Test
    void aSingleProblemIsALine() {
        assertThat(InputException.of("file", List.of("a"))).hasMessage("file: a");
        assertThat(new InputException("a").problems()).containsExactly("a");
    }
}
