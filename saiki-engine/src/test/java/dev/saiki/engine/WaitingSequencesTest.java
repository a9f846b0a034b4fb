package dev.saiki.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.engine.settings.RouteSettings;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WaitingSequencesTest {

    private final WaitingSequences waiting = new WaitingSequences();

    private static Sequence sequence(int number) {
        ScoringTask task = new ScoringTask(ScoreRequest.of(new int[] {1}, RouteSettings.MODEL));
        return new Sequence(number, task, null, Optional.empty(), 0);
    }

    @Test
    void aSequenceCountsOnceFromItsSubmissionToItsAdmission() {
        assertThat(waiting.takePlace(2)).isTrue();
        assertThat(waiting.placesTaken()).isEqualTo(1);
        waiting.add(sequence(0));
        assertThat(waiting.placesTaken()).isEqualTo(1);
        waiting.removeFirst();
        assertThat(waiting.placesTaken()).isZero();
    }

    @Test
    void whereAllPlacesAreTakenNoneIsGiven() {
        assertThat(waiting.takePlace(1)).isTrue();
        assertThat(waiting.takePlace(1)).isFalse();
        waiting.givePlaceBack();
        assertThat(waiting.takePlace(1)).isTrue();
        assertThat(waiting.takePlace(0)).isFalse();
        assertThat(waiting.placesTaken()).isEqualTo(1);
    }

    @Test
    void whatMadeRoomForOthersComesBeforeThemAndTakesAPlaceThoughNoneIsFree() {
        waiting.takePlace(1);
        waiting.add(sequence(5));
        waiting.requeue(sequence(4));
        assertThat(waiting.placesTaken()).isEqualTo(2);
        assertThat(waiting.takePlace(2)).isFalse();
        assertThat(waiting.stream().map(Sequence::number)).containsExactly(4L, 5L);
    }

    @Test
    void whatIsRemovedHasGivenItsPlaceBack() {
        for (int i = 0; i < 3; i++) {
            waiting.takePlace(3);
            waiting.add(sequence(i));
        }
        assertThat(waiting.removeIf(one -> one.number() != 1)).hasSize(2);
        assertThat(waiting.placesTaken()).isEqualTo(1);
        assertThat(waiting.first().number()).isEqualTo(1);
    }
}
