package dev.saiki.io.display;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DepthPaletteTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void deeperIsAlwaysFurtherFromThePaper(int numRecursions) {
        for (int depth = 2; depth <= numRecursions; depth++) {
            assertThat(luminance(depth, numRecursions, false))
                    .as("light, depth %d", depth)
                    .isLessThan(luminance(depth - 1, numRecursions, false) * 0.9);
            assertThat(luminance(depth, numRecursions, true))
                    .as("dark, depth %d", depth)
                    .isGreaterThan(luminance(depth - 1, numRecursions, true) * 1.1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void textOnEveryDepthIsReadable(int numRecursions) {
        for (int depth = 1; depth <= numRecursions; depth++) {
            for (boolean dark : new boolean[] {false, true}) {
                double ground = luminance(depth, numRecursions, dark);
                boolean white = DepthPalette.properties(numRecursions, dark).contains("--t" + depth + ":#fff");
                double contrast = white
                        ? DepthPalette.contrast(1, ground)
                        : DepthPalette.contrast(ground, DepthPalette.luminance(new double[] {0, 0, 0}));
                assertThat(contrast).as("depth %d, dark %s", depth, dark).isGreaterThanOrEqualTo(4.5);
            }
        }
    }

    private static double luminance(int depth, int numRecursions, boolean dark) {
        return DepthPalette.luminance(DepthPalette.ground(depth, numRecursions, dark));
    }
}
