package dev.saiki.study;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SentenceSamplerTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "' he was glad of the fire. The'             | ' he was glad of the fire.'",
                "' he said to Mrs. Norris at the door. \"I' | ' he said to Mrs. Norris at the door.'",
                "' “he was never so glad of it!” said Emma. I' | ' “he was never so glad of it!” said Emma.'",
                "' yes. No. It was the last of all of them. We' | ' yes. No. It was the last of all of them.'",
                "'春の日に山へ行きました。私は一人で長い道を歩いて行きました。村に' | '春の日に山へ行きました。私は一人で長い道を歩いて行きました。'",
            })
    void aTextIsKeptToTheEndOfItsFirstSentence(String text, String kept) {
        assertThat(text.substring(0, SentenceSampler.sentenceEnd(text))).isEqualTo(kept);
    }

    @Test
    void aLineThatEndsIsNoSentence() {
        assertThat(SentenceSampler.sentenceEnd(" you will be so very well\n\nShe"))
                .isZero();
        assertThat(SentenceSampler.sentenceEnd(" you will be so very well.”\n\n“She"))
                .isPositive();
    }

    @Test
    void theEndOfATextEndsNoSentenceUntilSomethingFollows() {
        assertThat(SentenceSampler.sentenceEnd(" he was glad of the fire and of Mr. "))
                .isZero();
        assertThat(SentenceSampler.sentenceEnd(" he was glad of the fire.")).isZero();
        assertThat(SentenceSampler.sentenceEnd("")).isZero();
    }
}
