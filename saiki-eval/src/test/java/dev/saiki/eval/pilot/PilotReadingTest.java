package dev.saiki.eval.pilot;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PilotReadingTest {

    @Test
    void aClearGainIsCalledOne() {
        assertThat(PilotReading.answer(SamplePilot.with(-0.040, 0.010)))
                .isEqualTo("At equal training compute MoR-2 beats the vanilla model on held-out text: its loss is 0.040"
                        + " nats per token lower (95 % interval 0.030 to 0.050).");
    }

    @Test
    void aClearLossIsCalledOne() {
        assertThat(PilotReading.answer(SamplePilot.with(0.040, 0.010)))
                .isEqualTo("At equal training compute MoR-2 loses to the vanilla model on held-out text: its loss is"
                        + " 0.040 nats per token higher (95 % interval 0.030 to 0.050).");
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.0099, -0.001, 0, 0.001, 0.0099})
    void aDifferenceInsideItsIntervalIsNeverCalledBetterOrWorse(double difference) {
        String answer = PilotReading.answer(SamplePilot.with(difference, 0.010));
        assertThat(answer)
                .contains("cannot tell MoR-2 and the vanilla model apart")
                .contains("holds zero");
        assertThat(answer).doesNotContain("beats").doesNotContain("loses").doesNotContain("lower");
    }

    @Test
    void withoutAnIntervalNothingIsClaimed() {
        assertThat(PilotReading.answer(SamplePilot.with(-0.5, Double.NaN)))
                .isEqualTo("There is too little held-out text to compare MoR-2 and the vanilla model.");
    }

    @Test
    void modelsThatHaveHardlyLearntAreNotCompared() {
        PilotResult result = SamplePilot.with(-0.5, 0.010, 0.5, 4.6);
        assertThat(PilotReading.answer(result)).startsWith("Too short a pilot, or too little text");
        assertThat(String.join(" ", PilotReading.explanation(result))).contains("give the pilot more minutes");
    }

    @Test
    void aRouterThatDecidesOtherwiseThanItWasTrainedIsRemarkedOn() {
        assertThat(String.join(" ", PilotReading.explanation(SamplePilot.with(-0.04, 0.01, 0.95, 6.5))))
                .contains("it sends 95 % of the tokens into the second recursion, where training selected 50 %");
        assertThat(String.join(" ", PilotReading.explanation(SamplePilot.with(-0.04, 0.01, 0.55, 6.5))))
                .doesNotContain("The router has not settled");
    }

    @Test
    void theLuckOfOneSeedIsAlwaysStated() {
        assertThat(PilotReading.explanation(SamplePilot.with(-0.04, 0.01)).getLast())
                .contains("trained once, with one seed");
    }

    @Test
    void aGainIsNotPutDownToTheRouter() {
        assertThat(String.join(" ", PilotReading.explanation(SamplePilot.with(-0.04, 0.01))))
                .contains("The gain is that of the whole recipe");
        assertThat(String.join(" ", PilotReading.explanation(SamplePilot.with(0.2, 0.01))))
                .doesNotContain("The gain is");
    }

    @Test
    void savingsAreThoseMeasured() {
        assertThat(PilotReading.explanation(SamplePilot.with(-0.04, 0.01)).get(1))
                .contains("1.50 recursions a token")
                .contains("81 % of the vanilla model's compute");
    }
}
