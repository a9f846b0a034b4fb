package dev.saiki.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ScoringWindowTest {

    private static final int PREFIX = 0;

    @Test
    void theFirstWindowBeginsWithThePrefixAndTheOthersWithOneTokenOfContext() {
        List<ScoringWindow> windows = ScoringWindow.cut(List.of(new int[] {1, 2, 3, 4, 5, 6, 7}), PREFIX, 4, 3);
        assertThat(windows).hasSize(3);
        assertThat(windows.get(0).ids()).containsExactly(0, 1, 2, 3);
        assertThat(windows.get(1).ids()).containsExactly(3, 4, 5, 6);
        assertThat(windows.get(2).ids()).containsExactly(6, 7);
        assertThat(windows).allMatch(window -> window.firstScored() == 1);
    }

    @Test
    void aSmallStrideGivesEveryLaterTokenMoreContext() {
        List<ScoringWindow> windows = ScoringWindow.cut(List.of(new int[] {1, 2, 3, 4, 5, 6}), PREFIX, 4, 1);
        assertThat(windows).hasSize(4);
        assertThat(windows.get(0).scored()).isEqualTo(3);
        assertThat(windows.get(1).ids()).containsExactly(1, 2, 3, 4);
        assertThat(windows.get(1).firstScored()).isEqualTo(3);
        assertThat(windows.get(3).ids()).containsExactly(3, 4, 5, 6);
    }

    @Test
    void everyTokenIsScoredExactlyOnceWhateverTheSizes() {
        long seed = 17;
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            int length = 2 + random.nextInt(12);
            int stride = 1 + random.nextInt(length - 1);
            int[] ids = IntStream.rangeClosed(1, random.nextInt(60)).toArray();
            int[] scored = ScoringWindow.cut(List.of(ids), PREFIX, length, stride).stream()
                    .peek(window -> assertThat(window.ids().length).isLessThanOrEqualTo(length))
                    .flatMapToInt(window -> Arrays.stream(window.ids(), window.firstScored(), window.ids().length))
                    .toArray();
            assertThat(scored).as("seed %d, round %d", seed, round).containsExactly(ids);
        }
    }

    @Test
    void windowsNeverCrossDocuments() {
        List<ScoringWindow> windows =
                ScoringWindow.cut(List.of(new int[] {1, 2}, new int[0], new int[] {5}), PREFIX, 8, 7);
        assertThat(windows).hasSize(2);
        assertThat(windows.get(1).document()).isEqualTo(2);
        assertThat(windows.get(1).ids()).containsExactly(PREFIX, 5);
    }

    @Test
    void aSampleIsSpreadEvenly() {
        List<ScoringWindow> windows =
                ScoringWindow.cut(List.of(IntStream.rangeClosed(1, 100).toArray()), PREFIX, 2, 1);
        assertThat(ScoringWindow.spread(windows, 4))
                .extracting(window -> window.ids()[1])
                .containsExactly(13, 38, 63, 88);
        assertThat(ScoringWindow.spread(windows, 100)).isSameAs(windows);
    }

    @Test
    void aStrideThatSkipsTokensIsRefused() {
        assertThatThrownBy(() -> ScoringWindow.cut(List.of(), PREFIX, 4, 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("from 1 to 3");
    }
}
