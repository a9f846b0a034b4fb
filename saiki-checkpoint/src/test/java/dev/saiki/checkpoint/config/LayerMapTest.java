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
        LayerMap map = LayerMap.of(new Recursion(sharing, steps), layers);

        assertThat(String.join(" ", map.uniqueOf().stream().map(String::valueOf).toList()))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "MIDDLE_CYCLE, 9, 2, 2, 3, 0 1 2 3 2 3 4 5 6",
        "MIDDLE_SEQUENCE, 9, 2, 3, 2, 0 1 2 3 3 4 4 5 6",
        "MIDDLE_CYCLE, 7, 3, 1, 3, 0 1 1 1 2 3 4"
    })
    void endsMayBeSeveralLayers(ParameterSharing sharing, int layers, int steps, int entry, int exit, String expected) {
        LayerMap map = LayerMap.of(new Recursion(sharing, steps, entry, exit), layers);

        assertThat(String.join(" ", map.uniqueOf().stream().map(String::valueOf).toList()))
                .isEqualTo(expected);
        assertThat(map.entryLayers()).isEqualTo(entry);
        assertThat(map.exitLayers()).isEqualTo(exit);
        assertThat(map.unsharedLayers()).isEqualTo(entry + exit);
        assertThat(map.endOfShared()).isEqualTo(layers - exit);
    }

    @Test
    void endsAreRefusedWhereThereAreNone() {
        assertThatThrownBy(() -> new Recursion(ParameterSharing.CYCLE, 3, 1, 0))
                .isInstanceOf(InputException.class)
                .hasMessage("recursion.entry_layers must be absent with recursion.sharing cycle,"
                        + " which shares all layers, got 1");
        assertThatThrownBy(() -> new Recursion(ParameterSharing.MIDDLE_CYCLE, 3, 1, 0))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("recursion.exit_layers must be a whole number from 1 to 4096, got 0");
        assertThatThrownBy(() -> LayerMap.of(new Recursion(ParameterSharing.MIDDLE_CYCLE, 2, 2, 3), 8))
                .isInstanceOf(InputException.class)
                .hasMessage("num_hidden_layers must be 5 plus a multiple of recursion.num_recursions (2) with"
                        + " recursion.sharing middle_cycle, 2 entry layers and 3 exit layers, such as 7 or 9, got 8");
    }

    @ParameterizedTest
    @EnumSource
    void countOfDistinctOwnersIsBlockAndEnds(ParameterSharing sharing) {
        for (int steps = 1; steps <= 5; steps++) {
            for (int block = 1; block <= 6; block++) {
                int ends = sharing.hasUnsharedEnds() ? 2 : 0;
                LayerMap map = LayerMap.of(new Recursion(sharing, steps), block * steps + ends);

                assertThat(map.blockSize()).isEqualTo(block);
                assertThat(map.numUnique()).isEqualTo(block + ends);
                assertThat(map.uniqueOf().stream().distinct())
                        .containsExactlyElementsOf(
                                IntStream.range(0, block + ends).boxed().toList());
                assertThat(map.firstShared()).isEqualTo(ends / 2);
                assertThat(map.unsharedLayers()).isEqualTo(ends);
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
        assertThatThrownBy(() -> LayerMap.of(new Recursion(ParameterSharing.MIDDLE_CYCLE, 3), 30))
                .isInstanceOf(InputException.class)
                .hasMessage("num_hidden_layers must be 2 plus a multiple of recursion.num_recursions (3)"
                        + " with recursion.sharing middle_cycle, such as 29 or 32, got 30");
    }

    @Test
    void layersAreDroppedUntilTheRestDivides() {
        Recursion middle = new Recursion(ParameterSharing.MIDDLE_CYCLE, 3);
        Recursion cycle = new Recursion(ParameterSharing.CYCLE, 3);
        assertThat(LayerDropping.fittingLayers(middle, 30)).isEqualTo(29);
        assertThat(LayerDropping.fittingLayers(cycle, 32)).isEqualTo(30);
        Recursion wide = new Recursion(ParameterSharing.MIDDLE_CYCLE, 3, 4, 6);
        assertThat(LayerDropping.fittingLayers(wide, 20)).isEqualTo(19);
    }

    @Test
    void tooFewLayersAreRefused() {
        assertThatThrownBy(() -> LayerDropping.fittingLayers(new Recursion(ParameterSharing.MIDDLE_CYCLE, 3), 4))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("num_hidden_layers must be at least 5")
                .hasMessageEndingWith("got 4");
    }
}
