package dev.saiki.convert.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.safetensors.StoredTensor;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.Test;

final class HeadRowsTest {

    @Test
    void neighboursComeToStandHalfAHeadApart() {
        StoredTensor rows = StoredTensor.ofFloats("q", List.of(8L, 1L), new float[] {0, 1, 2, 3, 4, 5, 6, 7});
        StoredTensor halves = HeadRows.toHalves(rows, 4, Arena.ofAuto());
        assertThat(halves.toFloats()).containsExactly(0, 2, 1, 3, 4, 6, 5, 7);
        assertThat(HeadRows.toNeighbours(halves, 4, Arena.ofAuto()).toFloats()).isEqualTo(rows.toFloats());
    }

    @Test
    void aBiasIsReorderedToo() {
        StoredTensor bias = StoredTensor.ofFloats("q", List.of(6L), new float[] {0, 1, 2, 3, 4, 5});
        assertThat(HeadRows.toHalves(bias, 6, Arena.ofAuto()).toFloats()).containsExactly(0, 2, 4, 1, 3, 5);
        assertThat(HeadRows.obstacle(List.of(6L), 4)).isPresent();
        assertThat(HeadRows.obstacle(List.of(8L, 3L), 4)).isEmpty();
    }
}
