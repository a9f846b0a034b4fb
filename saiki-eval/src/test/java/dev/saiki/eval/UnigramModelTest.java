package dev.saiki.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.io.InputException;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredSequence;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnigramModelTest {

    @Test
    void everyTokenCountsOnceMoreThanItWasSeen() {
        UnigramModel model = UnigramModel.of(new long[] {0, 1, 5});
        assertThat(model.logprob(0)).isCloseTo(Math.log(1 / 9.0), within(1e-6));
        assertThat(model.logprob(1)).isCloseTo(Math.log(2 / 9.0), within(1e-6));
        assertThat(model.logprob(2)).isCloseTo(Math.log(6 / 9.0), within(1e-6));
    }

    @Test
    void contextDoesNotMatterAndTheFirstPositionHasNoPrediction() {
        UnigramModel model = UnigramModel.of(new long[] {0, 1, 5});
        ScoredSequence scored = model.score(List.of(new int[] {2, 1, 2, 1}), ScoreOptions.CAUSAL)
                .getFirst();
        assertThat(scored.logprobs()[0]).isNaN();
        assertThat(scored.logprobs()[1]).isEqualTo(scored.logprobs()[3]);
        assertThat(scored.depths()).containsOnly(1);
    }

    @Test
    void anIdOutsideTheVocabularyIsRefused() {
        assertThatThrownBy(() -> UnigramModel.of(new long[3]).logprob(3))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("from 0 to 2");
    }
}
