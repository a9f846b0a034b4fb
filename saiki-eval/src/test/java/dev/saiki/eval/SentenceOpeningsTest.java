package dev.saiki.eval;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SentenceOpeningsTest {

    private static SentenceOpenings of(String... texts) {
        SentenceOpenings openings = new SentenceOpenings();
        for (String text : texts) {
            openings.add(text);
        }
        return openings;
    }

    @Test
    void theCommonestComeFirstEachWithAnotherFirstWord() {
        SentenceOpenings openings = of(
                "The ship lay at anchor. The wind had died before the sun went down. Then a voice came over the water.",
                "The wind had risen by the morning. The pilot was on board by noon. \"Then a voice,\" he said, was heard."
                        + " A sail! Then a voice was heard again. Then a voice spoke to us. In 1851 it was read.");
        assertThat(openings.commonest(5)).containsExactly("Then a voice", "The wind had");
        assertThat(openings.commonest(1)).containsExactly("Then a voice");
    }

    @Test
    void textsWithoutSpacesHaveThemToo() {
        assertThat(of("そして、王様は町へ行きました。犬は山の中で眠っていました。犬は山の上で遊んでいました。").commonest(1))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("犬は山");
    }

    @Test
    void aTextTooShortHasNone() {
        assertThat(of("Hm.", "").commonest(3)).isEmpty();
    }
}
