package dev.saiki.eval.tasks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// Expected values are CPython's.
class PythonTextTest {

    @Test
    void capitalizingLowersEverythingButTheFirstLetter() {
        assertThat(PythonText.capitalize("ÉCOLE dU nord")).isEqualTo("École du nord");
        assertThat(PythonText.capitalize("ǆ x")).isEqualTo("ǅ x");
        assertThat(PythonText.capitalize("ΑΣ")).isEqualTo("Ας");
        assertThat(PythonText.capitalize("ßA")).isEqualTo("Ssa");
        assertThat(PythonText.capitalize("123 ABC")).isEqualTo("123 abc");
        assertThat(PythonText.capitalize("")).isEmpty();
    }

    @Test
    void spaceIsWhatPythonCallsSpace() {
        assertThat(PythonText.strip("\u001C\u00A0a b\u3000\n")).isEqualTo("a b");
        assertThat(PythonText.stripStart(" \tA ")).isEqualTo("A ");
        assertThat(PythonText.isSpace('\u180E')).isFalse();
        assertThat(PythonText.isSpace('\u200B')).isFalse();
        assertThat(PythonText.endWithoutSpace("ab \n\u00A0")).isEqualTo(2);
        assertThat(PythonText.endWithoutSpace(" ")).isZero();
    }

    @Test
    void wordsAreWhatSplittingGives() {
        assertThat(PythonText.countWords("a b  c")).isEqualTo(3);
        assertThat(PythonText.countWords(" a\n")).isEqualTo(3);
        assertThat(PythonText.countWords("")).isEqualTo(1);
        assertThat(PythonText.countWords("a\u001Cb\u0085c\u00A0d")).isEqualTo(4);
    }

    @Test
    void lengthsAreOfCharacters() {
        assertThat(PythonText.length("größe🙂")).isEqualTo(6);
    }
}
