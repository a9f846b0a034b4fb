package dev.saiki.server.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.server.settings.SheddingOptions;
import dev.saiki.testkit.TinyModels;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LoadShedderTest {

    @Test
    void withoutADialTheBoundOnDepthFallsInstead() {
        List<Integer> depths = IntStream.rangeClosed(1, LoadShedder.LEVELS)
                .mapToObj(level -> LoadShedder.route(
                                TinyModels.tokenChoice(KeyValueSharing.NONE), RouteSettings.MODEL, 0.3, level)
                        .bounds()
                        .max()
                        .orElseThrow())
                .toList();
        assertThat(depths).containsExactly(2, 2, 1, 1);
        assertThat(LoadShedder.route(
                                TinyModels.tokenChoice(KeyValueSharing.NONE),
                                RouteSettings.MODEL,
                                0.5,
                                LoadShedder.LEVELS)
                        .bounds()
                        .max())
                .hasValue(2);
    }

    @Test
    void theFloorIsNeverBelowTheDialNorAboveWhatIsUsual() {
        assertThat(LoadShedder.route(
                                TinyModels.expertThreshold(KeyValueSharing.NONE),
                                RouteSettings.MODEL,
                                0.01,
                                LoadShedder.LEVELS)
                        .effort())
                .hasValue(0.25);
        assertThat(LoadShedder.route(
                                TinyModels.expertThreshold(KeyValueSharing.NONE),
                                RouteSettings.MODEL,
                                0.9,
                                LoadShedder.LEVELS)
                        .effort())
                .hasValue(0.5);
    }

    @Test
    void theLastLevelComesBeforeTheQueueIsFullAndTheFirstNotBeforeAnyoneWaits() {
        SheddingOptions fromTheStart = new SheddingOptions(0.5, 0, Duration.ZERO);
        assertThat(LoadShedder.level(fromTheStart, 0, 100)).isZero();
        assertThat(LoadShedder.level(fromTheStart, 1, 100)).isEqualTo(1);
        assertThat(LoadShedder.level(SheddingOptions.DEFAULT, 24, 100)).isZero();
        assertThat(LoadShedder.level(SheddingOptions.DEFAULT, 25, 100)).isEqualTo(1);
        assertThat(LoadShedder.level(SheddingOptions.DEFAULT, 82, 100)).isEqualTo(LoadShedder.LEVELS);
        assertThat(LoadShedder.level(SheddingOptions.DEFAULT, 100, 100)).isEqualTo(LoadShedder.LEVELS);
        assertThat(LoadShedder.level(new SheddingOptions(1, 0, Duration.ZERO), 100, 100))
                .isZero();
    }

    @Test
    void aFirstTokenThatIsHalfAsLateAsItMayBeShedsAndOneThatIsAsLateShedsAll() {
        SheddingOptions target = new SheddingOptions(0.5, 0.25, Duration.ofSeconds(1));
        assertThat(LoadShedder.level(target, Duration.ofMillis(499))).isZero();
        assertThat(LoadShedder.level(target, Duration.ofMillis(500))).isEqualTo(1);
        assertThat(LoadShedder.level(target, Duration.ofMillis(750))).isEqualTo(3);
        assertThat(LoadShedder.level(target, Duration.ofMillis(900))).isEqualTo(LoadShedder.LEVELS);
        assertThat(LoadShedder.level(target, Duration.ofMinutes(1))).isEqualTo(LoadShedder.LEVELS);
        assertThat(LoadShedder.level(new SheddingOptions(0.5, 0.25, Duration.ZERO), Duration.ofMinutes(1)))
                .isZero();
        assertThat(LoadShedder.level(new SheddingOptions(1, 0.25, Duration.ofSeconds(1)), Duration.ofMinutes(1)))
                .isZero();
    }
}
