package dev.saiki.eval.tasks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// Expected values are those of CPython's `random.Random`.
class PythonRandomTest {

    @Test
    void samplesAreCPythonsForSmallAndLargeRanges() {
        PythonRandom random = new PythonRandom(1234);
        assertThat(random.sample(10, 5)).containsExactly(7, 1, 0, 9, 4);
        assertThat(random.sample(10, 5)).containsExactly(0, 1, 8, 6, 2);
        assertThat(random.sample(1000, 3)).containsExactly(242, 17, 31);
        assertThat(random.sample(1000, 3)).containsExactly(807, 16, 354);
        // From six numbers on the border between the two ways of drawing moves.
        assertThat(random.sample(100, 8)).containsExactly(82, 79, 61, 78, 59, 19, 11, 23);
        assertThat(random.sample(90, 8)).containsExactly(14, 1, 64, 62, 31, 8, 85, 69);
    }

    @Test
    void realNumbersAreCPythons() {
        PythonRandom random = new PythonRandom(1234);
        assertThat(random.nextDouble()).isEqualTo(0.9664535356921388);
        assertThat(random.nextDouble()).isEqualTo(0.4407325991753527);
        assertThat(random.nextDouble()).isEqualTo(0.007491470058587191);
    }

    @Test
    void seedsOfZeroAndOfMoreThan32BitsAreCPythons() {
        PythonRandom zero = new PythonRandom(0);
        assertThat(zero.sample(5, 5)).containsExactly(3, 4, 0, 1, 2);
        assertThat(zero.nextDouble()).isEqualTo(0.4049341374504143);
        PythonRandom large = new PythonRandom((1L << 40) + 7);
        assertThat(large.sample(1000, 4)).containsExactly(628, 765, 834, 960);
        assertThat(large.nextDouble()).isEqualTo(0.9450115087592873);
    }
}
