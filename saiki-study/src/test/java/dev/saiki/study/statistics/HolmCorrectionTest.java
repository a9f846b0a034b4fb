package dev.saiki.study.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.study.results.FamilyComparison;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HolmCorrectionTest {

    @Test
    void theSmallestIsMultipliedByAllTheNextByOneLessAndNoneFallsBelowASmallerOne() {
        // 0.01 · 4, 0.02 · 3 = 0.06, 0.03 · 2 = 0.06, 0.035 · 1 = 0.035, which is below 0.06.
        assertThat(HolmCorrection.corrected(new double[] {0.03, 0.01, 0.035, 0.02}))
                .containsExactly(new double[] {0.06, 0.04, 0.06, 0.06}, within(1e-12));
        assertThat(HolmCorrection.corrected(new double[] {0.4, 0.9})).containsExactly(0.8, 0.9);
        assertThat(HolmCorrection.corrected(new double[] {0.6, 0.9})).containsExactly(1, 1);
    }

    @Test
    void whatHasNoneKeepsNoneAndDoesNotCount() {
        assertThat(HolmCorrection.corrected(new double[] {Double.NaN, 0.02})).containsExactly(Double.NaN, 0.02);
        assertThat(HolmCorrection.corrected(new double[0])).isEmpty();
    }

    @Test
    void studiesOfEqualModelsCallAnyApartInAboutOneOfTwenty() {
        long seed = 23;
        Random random = new Random(seed);
        int studies = 4000;
        long wrong = IntStream.range(0, studies)
                .filter(_ -> hasAny(HolmCorrection.corrected(random.doubles(8).toArray())))
                .count();
        // Without the correction it would be 1 - 0.95⁸ = 34 %.
        assertThat((double) wrong / studies).as("seed %d", seed).isBetween(0.035, 0.06);
    }

    private static boolean hasAny(double[] corrected) {
        return IntStream.range(0, corrected.length).anyMatch(i -> corrected[i] <= HolmCorrection.LEVEL);
    }

    @Test
    void aDifferenceThatEveryDocumentAndSeedSharesStaysApart() {
        List<FamilyComparison> comparisons = SampleStudy.of("vanilla", "mor", "other")
                .withSizes(100_000L)
                .withBudgets(1e11)
                .analysed(
                        (run, document) -> 5
                                + 0.01 * document * (run.family().equals("vanilla") ? 1 : 1.01)
                                + (run.family().equals("mor") ? 0.5 : 0)
                                + 0.02 * run.seed(),
                        200)
                .comparisons();
        assertThat(comparisons).extracting(FamilyComparison::family).containsExactly("mor", "other");
        assertThat(HolmCorrection.of(comparisons)[0]).isLessThan(0.01);
        assertThat(HolmCorrection.of(comparisons)[1]).isGreaterThan(0.5);
        assertThat(HolmCorrection.numApart(comparisons)).isEqualTo(1);
    }
}
