package dev.saiki.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.engine.GenerationRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogitProcessorTest {

    private static final int VOCABULARY = 40;

    private static GenerationRequest request(int[] prompt, Penalties penalties, Map<Integer, Double> bias) {
        return GenerationRequest.builder(prompt, 1)
                .penalties(penalties)
                .logitBias(bias)
                .build();
    }

    /// Computes the penalties by their formulas, counting the tokens of the whole text again for each token.
    private static float[] fromTheWholeText(float[] logits, GenerationRequest request, List<Integer> written) {
        float[] adjusted = logits.clone();
        Penalties penalties = request.decoding().penalties();
        for (int id = 0; id < adjusted.length; id++) {
            int wanted = id;
            long times = written.stream().filter(one -> one == wanted).count();
            boolean used = times > 0 || Arrays.stream(request.prompt()).anyMatch(one -> one == wanted);
            if (used) {
                double repetition = penalties.repetition();
                adjusted[id] = (float) (adjusted[id] > 0 ? adjusted[id] / repetition : adjusted[id] * repetition);
            }
            if (times > 0) {
                adjusted[id] -= (float) (penalties.presence() + penalties.frequency() * times);
            }
            adjusted[id] += request.decoding().logitBias().getOrDefault(id, 0.0).floatValue();
        }
        return adjusted;
    }

    private static LogitProcessor adjustments(GenerationRequest request) {
        return new LogitProcessor(request.prompt(), request.decoding());
    }

    private static float[] logits(Random random) {
        float[] logits = new float[VOCABULARY];
        for (int id = 0; id < logits.length; id++) {
            logits[id] = random.nextInt(20) == 0 ? Float.NEGATIVE_INFINITY : (float) (4 * random.nextGaussian());
        }
        return logits;
    }

    private static Penalties penalties(Random random) {
        return new Penalties(
                random.nextInt(3) == 0 ? 1 : 0.1 + random.nextDouble(3),
                random.nextInt(3) == 0 ? 0 : random.nextDouble(-2, 2),
                random.nextInt(3) == 0 ? 0 : random.nextDouble(-2, 2));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void everyTokenIsPenalisedForTheWholeTextBeforeIt(long seed) {
        Random random = new Random(seed);
        int[] prompt = random.ints(1 + random.nextInt(60), 0, VOCABULARY).toArray();
        Map<Integer, Double> bias = new HashMap<>();
        random.ints(random.nextInt(5), 0, VOCABULARY).forEach(id -> bias.put(id, random.nextDouble(-100, 100)));
        GenerationRequest request = request(prompt, penalties(random), bias);
        LogitProcessor adjustments = adjustments(request);
        List<Integer> written = new ArrayList<>();
        for (int position = 0; position < 80; position++) {
            float[] logits = logits(random);
            float[] before = logits.clone();
            assertThat(adjustments.apply(logits))
                    .as("seed %d, token %d", seed, position)
                    .containsExactly(fromTheWholeText(logits, request, written));
            assertThat(logits).containsExactly(before);
            int next = random.nextInt(VOCABULARY);
            adjustments.written(next);
            written.add(next);
        }
    }

    @Test
    void aDrawLooksAtTheDistinctTokensHoweverLongTheTextIs() {
        int[] prompt = new Random(5).ints(10_000, 0, 7).toArray();
        LogitProcessor adjustments = adjustments(request(prompt, new Penalties(1.2, 0.5, 0.5), Map.of()));
        assertThat(adjustments.numUsed()).isEqualTo(7);
        for (int position = 0; position < 10_000; position++) {
            adjustments.written(position % 9);
        }
        assertThat(adjustments.numUsed()).isEqualTo(9);
    }

    @Test
    void onlyTheAnswerCountsWhereNothingIsAskedOfRepetition() {
        LogitProcessor adjustments = adjustments(request(new int[] {1, 2, 3}, new Penalties(1, 0.5, 0), Map.of()));
        assertThat(adjustments.numUsed()).isZero();
        adjustments.written(3);
        assertThat(adjustments.numUsed()).isEqualTo(1);
    }

    @Test
    void logitsThatNothingIsAskedOfAreHandedOnAsTheyAre() {
        LogitProcessor adjustments = adjustments(request(new int[] {1, 2}, Penalties.NONE, Map.of()));
        adjustments.written(1);
        float[] logits = {1, 2, 3};
        assertThat(adjustments.apply(logits)).isSameAs(logits);
    }
}
