package dev.saiki.study.pilot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PilotCalibrationTest {

    @Test
    void trainingGetsWhatMeasuringAndPreparingLeave() {
        assertThat(PilotCalibration.trainingSeconds(18, 1)).isBetween(0.75 * 1080, 0.9 * 1080);
        assertThat(PilotCalibration.trainingSeconds(40, 3)).isBetween(0.8 * 2400, 0.95 * 2400);
    }

    @Test
    void aShortPilotStillTrainsFourTenthsOfItsTime() {
        assertThat(PilotCalibration.trainingSeconds(0.5, 1)).isCloseTo(12, within(0.1));
    }

    @Test
    void theBudgetHasThreeDigits() {
        assertThat(PilotCalibration.rounded(1.23987e12)).isCloseTo(1.23e12, within(1.0));
    }

    @Test
    void moreComputeGetsLargerModelsAndNoneIsTakenBeforeItPays() {
        assertThat(PilotSize.fitting(1e9).name()).isEqualTo("d64");
        assertThat(PilotSize.fitting(1e20).name()).isEqualTo("d512");
        for (PilotSize shape : PilotSize.ALL) {
            assertThat(PilotSize.fitting(shape.minFlops())).isEqualTo(shape);
        }
    }

    @Test
    void textIsCutIntoPiecesWhereItHasFewDocuments() {
        assertThat(new CorpusSize(1, 2_000_000).pieceCharacters()).contains(4000);
        assertThat(new CorpusSize(240, 16_000_000).pieceCharacters()).contains(30_000);
        assertThat(new CorpusSize(907, 4_600_000).pieceCharacters()).isEmpty();
        assertThat(new CorpusSize(1, 2_000_000).heldOutShare()).isEqualTo(0.08);
        assertThat(new CorpusSize(1, 78_000_000).heldOutShare()).isCloseTo(0.017, within(1e-9));
        assertThat(new CorpusSize(1, 200_000).vocabSize(4096)).isEqualTo(781);
    }
}
