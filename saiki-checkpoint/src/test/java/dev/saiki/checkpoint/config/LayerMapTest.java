package dev.saiki.checkpoint.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class LayerMapTest {

    @ParameterizedTest
    @CsvSource({
        "CYCLE, 9, 3, 0 1 2 0 1 2 0 1 2",
        "SEQUENCE, 9, 3, 0 0 0 1 1 1 2 2 2",
        "MIDDLE_CYCLE, 8, 2, 0 1 2 3 1 2 3 4",
        "MIDDLE_SEQUENCE, 8, 2, 0 1 1 2 2 3 3 4",
        "MIDDLE_CYCLE, 3, 1, 0 1 2",
        "CYCLE, 4, 4, 0 0 0 0"
    })
    void ownersAreThePapers(ParameterSharing sharing, int layers, int steps, String expected) {
        LayerMap map = LayerMap.of(sharing, layers, steps);

        assertThat(String.join(" ", map.uniqueOf().stream().map(String::valueOf).toList()))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource
    void countOfDistinctOwnersIsBlockAndEnds(ParameterSharing sharing) {
        for (int steps = 1; steps <= 5; steps++) {
            for (int block = 1; block <= 6; block++) {
                int ends = sharing.hasUnsharedEnds() ? 2 : 0;
                LayerMap map = LayerMap.of(sharing, block * steps + ends, steps);

                assertThat(map.blockSize()).isEqualTo(block);
                assertThat(map.numUnique()).isEqualTo(block + ends);
                assertThat(map.uniqueOf().stream().distinct())
                        .containsExactlyElementsOf(
                                IntStream.range(0, block + ends).boxed().toList());
                assertThat(map.firstShared()).isEqualTo(ends / 2);
                assertThat(map.hasUnsharedEnds()).isEqualTo(ends == 2);
                assertThat(map.numUnrolled()).isEqualTo(block * steps + ends);
            }
        }
    }

    @Test
    void vanillaLayersAreTheirOwn() {
        assertThat(LayerMap.vanilla(3)).isEqualTo(new LayerMap(List.of(0, 1, 2), 3, 1, 0, 3));
    }

    @Test
    void layersThatDoNotDivideAreRefused() {
        assertThatThrownBy(() -> LayerMap.of(ParameterSharing.MIDDLE_CYCLE, 30, 3))
                .isInstanceOf(InputException.class)
                .hasMessage("num_hidden_layers must be 2 plus a multiple of recursion.num_recursions (3)"
                        + " with recursion.sharing middle_cycle, such as 29 or 32, got 30");
    }

    @Test
    void droppingSpreadsWhatIsKept() {
        assertThat(LayerDropping.fittingLayers(ParameterSharing.MIDDLE_CYCLE, 30, 3))
                .isEqualTo(29);
        assertThat(LayerDropping.keptLayers(ParameterSharing.MIDDLE_CYCLE, 30, 3))
                .isEqualTo(without(30, 15));
        assertThat(LayerDropping.fittingLayers(ParameterSharing.CYCLE, 32, 3)).isEqualTo(30);
        assertThat(LayerDropping.keptLayers(ParameterSharing.CYCLE, 32, 3)).isEqualTo(without(32, 8, 23));
    }

    @ParameterizedTest
    @EnumSource
    void keptLayersRiseAndReachBothEnds(ParameterSharing sharing) {
        for (int layers = 6; layers <= 40; layers++) {
            for (int steps = 1; steps <= 4; steps++) {
                List<Integer> kept = LayerDropping.keptLayers(sharing, layers, steps);

                assertThat(kept).hasSize(LayerDropping.fittingLayers(sharing, layers, steps));
                assertThat(kept).isSorted().doesNotHaveDuplicates().startsWith(0);
                if (sharing.hasUnsharedEnds() || kept.size() > 1) {
                    assertThat(kept).endsWith(layers - 1);
                }
            }
        }
    }

    @Test
    void tooFewLayersAreRefused() {
        assertThatThrownBy(() -> LayerDropping.fittingLayers(ParameterSharing.MIDDLE_CYCLE, 4, 3))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("num_hidden_layers must be at least 5")
                .hasMessageEndingWith("got 4");
    }

    private static List<Integer> without(int layers, Integer... dropped) {
        return IntStream.range(0, layers)
                .boxed()
                .filter(layer -> !List.of(dropped).contains(layer))
                .toList();
    }
}
