package dev.saiki.eval.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.provenance.VerificationStatistics;
import dev.saiki.checkpoint.provenance.VerificationStatistics.Quantity;
import dev.saiki.io.InputException;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ComparisonTest {

    private static final double TOLERANCE = 0.01;
    private static final int[] ALL = {0, 1, 2};
    private static final Tokenizer BYTES =
            BytePairTrainer.train(List.of("ab").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);

    private static ReferenceText text(int[] ids, int[] greedy, float[]... rows) {
        List<KnownScores> scores = IntStream.range(0, rows.length)
                .mapToObj(position -> new KnownScores(position, ALL, rows[position], true))
                .toList();
        return new ReferenceText(Optional.empty(), true, ids, greedy, Optional.empty(), Quantity.LOGITS, scores);
    }

    private static VerificationStatistics statistics(ReferenceText text, float... logits) {
        Comparison comparison = new Comparison(3, TOLERANCE, Optional.empty());
        comparison.add(text, logits);
        return comparison.statistics();
    }

    @Test
    void equalNumbersAgree() {
        VerificationStatistics statistics = statistics(
                text(new int[] {0, 1}, new int[] {2}, new float[] {1, 2, 3}, new float[] {3, 2, 4}),
                1,
                2,
                3,
                3,
                2,
                4,
                0,
                0,
                0);
        assertThat(Disagreements.of(statistics, TOLERANCE)).isEmpty();
        assertThat(statistics.positions()).isEqualTo(2);
        assertThat(statistics.likeliest()).isEqualTo(new VerificationStatistics.Likeliest(2, 2));
        assertThat(statistics.greedy().equal()).isEqualTo(1);
        assertThat(statistics.promptIds().untold()).isEqualTo(1);
    }

    @Test
    void theLargestDifferenceIsFoundWithItsPlace() {
        VerificationStatistics statistics = statistics(
                text(new int[] {0, 1}, new int[0], new float[] {1, 2, 3}, new float[] {3, 2, 1}),
                1,
                2,
                3.002f,
                3,
                2.5f,
                1);
        VerificationStatistics.Differences found = statistics.differences().orElseThrow();
        assertThat(found.largest()).isEqualTo(0.5);
        assertThat(found.median()).isCloseTo((0.5 + 0.002) / 2, within(1e-6));
        assertThat(found.position()).isEqualTo(1);
        assertThat(found.token()).isEqualTo(1);
        assertThat(Disagreements.of(statistics, TOLERANCE))
                .containsExactly("the largest difference is 0.500; the tolerance is 0.0100");
    }

    @Test
    void aNearTieIsNoDisagreementAndAClearOneIs() {
        float[] tie = {1, 1.005f, 0};
        assertThat(Disagreements.of(statistics(text(new int[] {0}, new int[] {1}, tie), 1.005f, 1, 0), TOLERANCE))
                .isEmpty();
        float[] clear = {1, 2, 0};
        VerificationStatistics statistics = statistics(text(new int[] {0}, new int[] {1}, clear), 2, 1, 0);
        assertThat(statistics.greedy().first()).contains(new VerificationStatistics.Departure(0, 0, 0, 1, 1));
        assertThat(Disagreements.of(statistics, TOLERANCE))
                .hasSize(3)
                .anyMatch(said -> said.contains("the most likely token differs at 1 of 1"))
                .anyMatch(said -> said.contains("1 of 1 greedy tokens differ clearly"));
    }

    @Test
    void aNumberThatIsNotFiniteIsADisagreement() {
        VerificationStatistics statistics =
                statistics(text(new int[] {0}, new int[0], new float[] {1, 2, 3}), 1, Float.NaN, 3);
        assertThat(statistics.differences()).isEmpty();
        assertThat(statistics.notFinite()).isEqualTo(1);
        assertThat(Disagreements.of(statistics, TOLERANCE))
                .anyMatch(said -> said.contains("not finite at 1 positions"));
    }

    @Test
    void logProbabilitiesAreComparedAfterTheSoftmax() {
        Comparison comparison = new Comparison(3, TOLERANCE, Optional.empty());
        KnownScores row = new KnownScores(0, new int[] {2}, new float[] {(float) Math.log(0.5)}, false);
        comparison.add(
                new ReferenceText(
                        Optional.empty(),
                        true,
                        new int[] {0},
                        new int[0],
                        Optional.empty(),
                        Quantity.LOGPROBS,
                        List.of(row)),
                new float[] {7, 7, 7 + (float) Math.log(2)});
        assertThat(comparison.statistics().differences().orElseThrow().largest())
                .isLessThan(1e-6);
        assertThat(comparison.statistics().likeliest().clear()).isZero();
        assertThatThrownBy(() -> comparison.add(text(new int[] {0}, new int[0], new float[] {1, 2, 3}), new float[3]))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("text 2 differs from the texts before it");
    }

    @Test
    void idsAndTextsAreHeldAgainstTheTokenizer() {
        int vocabulary = BYTES.vocabSize();
        int[] ids = BYTES.encodePrompt("ab");
        int[] greedy = BYTES.encode("c");
        float[] logits = new float[(ids.length + 1) * vocabulary];
        logits[(ids.length - 1) * vocabulary + greedy[0]] = 5;
        KnownScores row = new KnownScores(ids.length - 1, greedy, new float[] {5}, false);
        Comparison comparison = new Comparison(vocabulary, TOLERANCE, Optional.of(BYTES));
        for (String[] said : List.of(new String[] {"ab", "c"}, new String[] {"ba", "d"})) {
            comparison.add(
                    new ReferenceText(
                            Optional.of(said[0]),
                            true,
                            ids,
                            greedy,
                            Optional.of(said[1]),
                            Quantity.LOGITS,
                            List.of(row)),
                    logits);
        }
        VerificationStatistics statistics = comparison.statistics();
        assertThat(statistics.promptIds()).isEqualTo(new VerificationStatistics.PromptIds(1, 1, 0, Optional.of(1)));
        assertThat(statistics.greedy().equalTexts()).isEqualTo(1);
        assertThat(Disagreements.of(statistics, TOLERANCE))
                .containsExactly(
                        "the same tokens decode to different text in 1 continuations, first for prompt 2",
                        "the token ids of 1 prompts differ");
    }

    /// The end of text within an answer is written out by some, left out by others, and the end for a third kind.
    @Test
    void aTokenThatIsNoTextMayStandInTheTextOrNot() {
        int end = BYTES.specialId("<|endoftext|>").orElseThrow();
        int c = BYTES.encode("c")[0];
        int[] greedy = {c, end, c, end};
        assertThat(equalTexts(greedy, "c<|endoftext|>c")).isEqualTo(1);
        assertThat(equalTexts(greedy, "cc")).isEqualTo(1);
        assertThat(equalTexts(greedy, "c")).isEqualTo(1);
        assertThat(equalTexts(greedy, "c<|endoftext|>")).isZero();
        assertThat(equalTexts(greedy, "ccc")).isZero();
    }

    private static int equalTexts(int[] greedy, String continuation) {
        int vocabulary = BYTES.vocabSize();
        int[] ids = BYTES.encodePrompt("ab");
        float[] logits = new float[(ids.length + greedy.length) * vocabulary];
        for (int i = 0; i < greedy.length; i++) {
            logits[(ids.length - 1 + i) * vocabulary + greedy[i]] = 5;
        }
        Comparison comparison = new Comparison(vocabulary, TOLERANCE, Optional.of(BYTES));
        KnownScores row = new KnownScores(ids.length - 1, new int[] {greedy[0]}, new float[] {5}, false);
        comparison.add(
                new ReferenceText(
                        Optional.of("ab"), true, ids, greedy, Optional.of(continuation), Quantity.LOGITS, List.of(row)),
                logits);
        return comparison.statistics().greedy().equalTexts();
    }
}
