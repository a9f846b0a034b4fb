package dev.saiki.engine.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.engine.settings.CacheFormat;
import org.junit.jupiter.api.Test;

class CacheShapeTest {

    private static final int LAYERS = 2;
    private static final PageLayout LAYOUT = new PageLayout(LAYERS, 4, 1, 8, CacheFormat.FLOAT32);

    private static int pages(boolean holdsExited) {
        CacheShape shape = new CacheShape(LAYERS, 3, holdsExited, 0, 0, VisibleKeys.NO_WINDOW);
        return shape.pages(LAYOUT, 40, 8, new double[] {1, 0.5, 0.1});
    }

    @Test
    void aDeepStepTakesThePagesOfTheTokensThatComeThere() {
        assertThat(pages(false)).isEqualTo(10 + 5 + 1);
    }

    @Test
    void whereKeysAreCompletedEveryStepTakesThePagesOfAllTokens() {
        assertThat(pages(true)).isEqualTo(3 * 10);
    }
}
