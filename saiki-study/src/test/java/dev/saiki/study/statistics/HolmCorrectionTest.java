package dev.saiki.study.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.eval.Verdict;
import dev.saiki.study.results.ComparisonScope;
import dev.saiki.study.results.FamilyComparison;
import java.util.List;
import java.util.Optional;
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
        assertThat(HolmCorrection.numSignificant(comparisons)).isEqualTo(1);
    }

    private static FamilyComparison comparison(String size, double difference, int documents, double seedError) {
        return new FamilyComparison(
                "mor",
                "vanilla",
                ComparisonScope.SAME_SIZE,
                size,
                size,
                1e11,
                2,
                documents,
                difference,
                difference - 0.2,
                difference + 0.2,
                0.04,
                seedError > 0 ? Optional.of(seedError) : Optional.empty(),
                8,
                Verdict.UNDECIDED,
                "");
    }

    /// The error is √(0.04² + 0.03²) = 0.05, and 0.05⁴ / (0.04⁴ / 4 + 0.03⁴ / 8) = 8.43 degrees of freedom are 8;
    /// the share of Student's distribution beyond 2 is then 0.08051624.
    @Test
    void theProbabilityOfADifferenceIsStudentsWithBothErrors() {
        assertThat(comparison("a", 0.1, 5, 0.03).pValue()).isCloseTo(0.08051624, within(1e-7));
        assertThat(comparison("a", -0.1, 5, 0.03).pValue()).isCloseTo(0.08051624, within(1e-7));
        assertThat(comparison("a", 0.1, 5, 0).pValue()).isNaN();
        assertThat(comparison("a", 0.1, 1, 0.03).pValue()).isNaN();
        assertThat(comparison("a", Double.NaN, 5, 0.03).pValue()).isNaN();
    }

    @Test
    void twoComparisonsOfTheSameModelsCountOnce() {
        FamilyComparison one = comparison("a", 0.1, 5, 0.03);
        FamilyComparison other = comparison("b", 0.2, 5, 0.03);
        double[] alone = HolmCorrection.of(List.of(one, other));
        assertThat(HolmCorrection.of(List.of(one, other, one))).containsExactly(alone[0], alone[1], alone[0]);
        assertThat(alone[1]).isCloseTo(2 * other.pValue(), within(1e-15));
        // Their intervals hold zero, whatever their p-values are.
        assertThat(HolmCorrection.numSignificant(List.of(other))).isZero();
        assertThat(other.pValue()).isLessThan(HolmCorrection.LEVEL);
    }
}
