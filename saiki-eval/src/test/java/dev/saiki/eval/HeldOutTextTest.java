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

    @Test
    void promptsAreTheCommonestBeginningsOfSentencesEachWithAnotherFirstWord() {
        String text = "The wind had died before the sun went down. The wind had risen by the morning. Then a voice came"
                + " over the water. The pilot was on board by noon. \"Then a voice,\" he said, was heard. A sail! Then a"
                + " voice was heard again. In 1851 it was read.";
        HeldOutText heldOut = new HeldOutText(TOKENIZER, List.of(TOKENIZER.encode(STORY), TOKENIZER.encode(text)));
        assertThat(heldOut.prompts(5)).containsExactly("Then a voice", "The wind had");
        assertThat(heldOut.prompts(1)).containsExactly("Then a voice");
    }

    @Test
    void textsWithoutSpacesHavePromptsToo() {
        String text = "そして、王様は町へ行きました。\n犬は山の中で眠っていました。犬は山の上で遊んでいました。";
        List<String> prompts = new HeldOutText(TOKENIZER, List.of(TOKENIZER.encode(text))).prompts(1);
        assertThat(prompts).hasSize(1).first().asString().startsWith("犬は山");
    }

    @Test
    void aTextTooShortForPromptsGivesNone() {
        assertThat(new HeldOutText(TOKENIZER, List.of(TOKENIZER.encode("Hm."))).prompts(3))
                .isEmpty();
    }
}
