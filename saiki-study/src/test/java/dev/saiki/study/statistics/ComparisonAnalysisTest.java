package dev.saiki.study.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.eval.Verdict;
import dev.saiki.study.results.ComparisonScope;
import dev.saiki.study.results.FamilyComparison;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyResults;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Comparisons of known losses.
class ComparisonAnalysisTest {

    private static final SampleStudy ONE_CELL =
            SampleStudy.of("vanilla", "mor").withSizes(100_000L).withBudgets(1e11);

    @Test
    void aDifferenceThatEveryDocumentAndSeedSharesIsFoundExactly() {
        FamilyComparison comparison = only(ONE_CELL.analysed(
                (run, document) -> 5 + 0.1 * document - (run.family().equals("mor") ? 0.25 : 0), 500));
        assertThat(comparison.difference()).isCloseTo(-0.25, within(1e-12));
        assertThat(comparison.low()).isCloseTo(-0.25, within(1e-9));
        assertThat(comparison.high()).isCloseTo(-0.25, within(1e-9));
        assertThat(comparison.documentError()).isCloseTo(0, within(1e-9));
        assertThat(comparison.verdict()).isEqualTo(Verdict.BETTER);
        assertThat(comparison.documents()).isEqualTo(20);
        assertThat(comparison.seeds()).isEqualTo(2);
    }

    @Test
    void familiesThatAreEachToBeComparedWithTheOtherAreComparedOnce() {
        StudyResults results = ONE_CELL.analysed(
                (run, document) -> 5 + 0.1 * document,
                500,
                family -> List.of(family.equals("mor") ? "vanilla" : "mor"));
        assertThat(only(results).family()).isEqualTo("vanilla");
    }

    @Test
    void budgetsOfTokensAreComparedAndNothingThatNeedsComputeIsFitted() {
        StudyResults results = SampleStudy.of("vanilla", "mor")
                .withTokens(1e6, 4e6)
                .analysed((run, document) -> 5 + 0.1 * document - (run.family().equals("mor") ? 0.25 : 0), 500);
        assertThat(results.comparisons()).isNotEmpty().allSatisfy(comparison -> {
            assertThat(comparison.difference()).isCloseTo(-0.25, within(1e-12));
        });
        assertThat(results.canBeFitted()).isFalse();
        assertThat(results.curves()).isEmpty();
        assertThat(results.recurrences()).isEmpty();
    }

    @Test
    void aDifferenceWithinItsIntervalIsNeverCalledAGain() {
        // Documents disagree by far more than they differ on the whole.
        FamilyComparison comparison = only(ONE_CELL.analysed(
                (run, document) -> 5 - (run.family().equals("mor") ? 0.01 + (document % 2 == 0 ? 0.3 : -0.3) : 0),
                2000));
        assertThat(comparison.difference()).isCloseTo(-0.01, within(1e-12));
        assertThat(comparison.low()).isNegative();
        assertThat(comparison.high()).isPositive();
        assertThat(comparison.verdict()).isEqualTo(Verdict.UNDECIDED);
    }

    @Test
    void seedsThatDisagreeWidenTheIntervalThoughDocumentsAgree() {
        FamilyComparison comparison = only(ONE_CELL.analysed(
                (run, document) -> 5 - (run.family().equals("mor") ? 0.1 : 0) + 0.1 * run.seed(), 2000));
        // Over two seeds each loss has the variance 0.1² / 2, the same in both cells: two degrees of freedom.
        assertThat(comparison.seedError().orElseThrow()).isCloseTo(Math.sqrt(0.005), within(1e-12));
        assertThat(comparison.seedFreedom()).isEqualTo(2);
        // 0.0707 · t(0.975, 2) = 0.304.
        assertThat(comparison.high() - comparison.low()).isCloseTo(2 * 0.304, within(0.08));
        assertThat(comparison.verdict()).isEqualTo(Verdict.UNDECIDED);
    }

    @Test
    void withOneSeedNothingIsCalledAGainHoweverLargeItIs() {
        FamilyComparison comparison = only(ONE_CELL.withSeeds(0L)
                .analysed((run, document) -> 5 - (run.family().equals("mor") ? 1 : 0), 200));
        assertThat(comparison.high()).isNegative();
        assertThat(comparison.verdict()).isEqualTo(Verdict.UNDECIDED);
        assertThat(comparison.seedError()).isEmpty();
        assertThat(comparison.reason()).contains("seed");
    }

    @Test
    void familiesAreAlsoComparedAtTheSizesThatAreBestForThem() {
        StudyResults results = SampleStudy.of("vanilla", "mor")
                .withBudgets(1e11)
                .analysed(
                        (run, document) -> {
                            double best = run.family().equals("mor") ? Math.log(100_000) : Math.log(400_000);
                            return 5 + Math.abs(Math.log((double) run.model().nonEmbeddingParameters()) - best);
                        },
                        200);
        FamilyComparison best = results.comparisons().stream()
                .filter(comparison -> comparison.scope() == ComparisonScope.BEST_SIZE)
                .findFirst()
                .orElseThrow();
        assertThat(best.size()).isEqualTo("100000");
        assertThat(best.baselineSize()).isEqualTo("400000");
        assertThat(best.difference()).isCloseTo(0, within(1e-12));
        assertThat(results.comparisons()).hasSize(4);
    }

    @Test
    void intervalsHoldTheTrueDifferenceAboutAsOftenAsTheyPromise() {
        double truth = -0.05;
        int studies = 200;
        int held = 0;
        for (int study = 0; study < studies; study++) {
            Random random = new Random(study);
            double[] hardness = random.doubles(20, 0, 1).toArray();
            List<Double> perDocument =
                    random.doubles(20).map(x -> 0.1 * (x - 0.5)).boxed().toList();
            double[] ofSeed = {
                random.nextGaussian(), random.nextGaussian(), random.nextGaussian(), random.nextGaussian()
            };
            SampleStudy.Law law = (run, document) -> {
                boolean mor = run.family().equals("mor");
                int which = (int) run.seed() + (mor ? 2 : 0);
                return 5 + hardness[document] + 0.02 * ofSeed[which] + (mor ? truth + perDocument.get(document) : 0);
            };
            FamilyComparison comparison = only(ONE_CELL.analysed(law, 400));
            held += comparison.low() <= truth && truth <= comparison.high() ? 1 : 0;
        }
        // 95 %, give or take three standard errors of 200 trials and the resamples' own noise.
        assertThat(held).isBetween(178, 200);
    }

    private static FamilyComparison only(StudyResults results) {
        assertThat(results.comparisons()).hasSize(1);
        return results.comparisons().getFirst();
    }

    @Test
    void aRunThatIsMissingLeavesItsComparisonOut() {
        StudyResults whole = SampleStudy.of("vanilla", "mor").results((run, document) -> 5);
        List<RunResult> without = whole.runs().stream()
                .filter(run -> !(run.family().equals("mor") && run.size().equals("400000")))
                .toList();
        assertThat(without).hasSizeLessThan(whole.runs().size());
        LossSample sample = LossSample.of(withRuns(whole, without));
        List<FamilyComparison> comparisons = new ComparisonAnalysis(
                        withRuns(whole, without), sample, new Bootstrap(sample, 100))
                .of("mor", List.of("vanilla"));
        assertThat(comparisons)
                .extracting(FamilyComparison::size)
                .doesNotContain("400000")
                .contains("100000", "1600000");
        assertThat(comparisons).extracting(FamilyComparison::scope).containsOnly(ComparisonScope.SAME_SIZE);
    }

    private static StudyResults withRuns(StudyResults results, List<RunResult> runs) {
        return new StudyResults(
                results.formatVersion(),
                results.name(),
                results.setting(),
                results.data(),
                results.families(),
                results.sizes(),
                results.budgetUnit(),
                results.budgets(),
                results.seeds(),
                results.progress(),
                runs,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                results.floor(),
                results.written());
    }
}
