package dev.saiki.eval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeldOutTextTest {

    private static final String STORY = "The ship lay at anchor. Nobody spoke. The wind had died before the sun"
            + " went down behind the hills. Then a voice came over the water. It was the pilot.";

    private static final Tokenizer TOKENIZER =
            BytePairTrainer.train(List.of(STORY).iterator(), BytePairTrainer.SMALLEST_VOCABULARY);

    @Test
    void aPassageBeginsAndEndsWithASentence() {
        HeldOutText text = new HeldOutText(TOKENIZER, List.of(TOKENIZER.encode("Short."), TOKENIZER.encode(STORY)));
        HeldOutText.Passage passage = text.passage(10, 60);
        String shown = TOKENIZER.decode(Arrays.copyOfRange(passage.ids(), passage.first(), passage.ids().length));
        assertThat(shown).startsWith(" Then a voice").endsWith(".");
        assertThat(passage.first()).isEqualTo(10);
    }

    @Test
    void aTextWithoutSentencesStillGivesAPassage() {
        int[] ids = TOKENIZER.encode("x".repeat(50));
        HeldOutText.Passage passage = new HeldOutText(TOKENIZER, List.of(ids)).passage(5, 20);
        assertThat(passage.ids().length - passage.first()).isEqualTo(20);
        HeldOutText.Passage whole = new HeldOutText(TOKENIZER, List.of(ids)).passage(5, 200);
        assertThat(whole.ids().length - whole.first()).isEqualTo(50);
    }
}
