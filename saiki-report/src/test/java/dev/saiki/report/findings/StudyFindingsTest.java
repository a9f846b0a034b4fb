package dev.saiki.report.findings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.report.HtmlReport;
import dev.saiki.report.Language;
import dev.saiki.report.MarkdownReport;
import dev.saiki.report.findings.Findings.ComparedModel;
import dev.saiki.report.findings.Findings.LossEstimate;
import dev.saiki.study.results.StudyResults;
import java.util.List;
import org.junit.jupiter.api.Test;

class StudyFindingsTest {

    /// t(0.975, 23).
    private static final double T23 = 2.0687;

    private static LossEstimate vanilla(int seeds) {
        return SampleFindings.study(seeds, -0.04, 0.01).baseline().loss();
    }

    @Test
    void whatARouterIsStandsInItsRecipeWhateverItsFamilyIsCalled() {
        assertThat(SampleFindings.study(SampleFindings.renamed(SampleFindings.results(3, -0.04, 0.01), "random", "lot"))
                        .subjects())
                .extracting(ComparedModel::name, ComparedModel::role)
                .containsExactly(
                        tuple("vanilla", ModelRole.VANILLA),
                        tuple("mor", ModelRole.ROUTED),
                        tuple("lot", ModelRole.RANDOM_ROUTER));
        assertThat(SampleFindings.study(
                                SampleFindings.renamed(SampleFindings.results(3, -0.04, 0.01), "mor", "not-random"))
                        .subjects())
                .extracting(ComparedModel::role)
                .containsExactly(ModelRole.VANILLA, ModelRole.ROUTED, ModelRole.RANDOM_ROUTER);
    }

    @Test
    void theErrorOfALossCountsDocumentsAndSeeds() {
        // Documents give 0.02; three seeds of each of six models differ by a thousandth each.
        LossEstimate loss = vanilla(3);
        assertThat(loss.nll()).isCloseTo(4.501, within(1e-9));
        assertThat(loss.standardError()).isCloseTo(Math.sqrt(0.0004 + 1e-6 / 3), within(1e-9));
        assertThat(loss.high() - loss.nll()).isCloseTo(T23 * loss.standardError(), within(1e-5));
        assertThat(loss.nll() - loss.low()).isCloseTo(loss.high() - loss.nll(), within(1e-12));
    }

    @Test
    void withOneSeedTheErrorIsThatOfDocuments() {
        LossEstimate loss = vanilla(1);
        assertThat(loss.standardError()).isCloseTo(0.02, within(1e-12));
        assertThat(loss.high() - loss.nll()).isCloseTo(T23 * 0.02, within(1e-5));
    }

    @Test
    void seedsOfAllModelsTogetherTellHowMuchALossDependsOnThem() {
        LossUncertainty errors = LossUncertainty.of(SampleFindings.results(2, -0.04, 0.01), 4e12);
        // Two seeds of six models: variance 0.001^2 / 2 with six degrees of freedom; t(0.975, 6) = 2.4469.
        assertThat(errors.seeds().freedom()).isEqualTo(6);
        assertThat(errors.seedMargin(2)).isCloseTo(2.4469 * 0.0005, within(1e-7));
        assertThat(LossUncertainty.of(SampleFindings.results(1, -0.04, 0.01), 4e12)
                        .seedMargin(1))
                .isNaN();
    }

    @Test
    void withoutTwoSeedsFittedNumbersAreSaidToBeSurerThanTheyAre() {
        assertThat(fits(SampleFindings.results(1, -0.04, 0.01)))
                .contains("No model was trained with two seeds, so these intervals cover only the choice of documents");
        assertThat(fits(SampleFindings.results(2, -0.04, 0.01))).doesNotContain("cover only the choice of documents");
    }

    @Test
    void allComparisonsAreCountedSinceSomeSeemClearByChance() {
        assertThat(fits(SampleFindings.results(3, -0.04, 0.01)))
                .contains("Comparisons: 3; not told apart: 1. At 95 % each, about one in twenty");
    }

    @Test
    void modelsThatReadEquallyMuchAreNotSaidToHaveCostTheSame() {
        StudyResults study = SampleFindings.inTokens(SampleFindings.results(3, -0.04, 0.01));
        assertThat(HtmlReport.write(
                        FindingsReport.of(SampleFindings.study(study), new ReportOptions(Language.ENGLISH, 1))))
                .contains("Gain of one model over another, by tokens read")
                .contains("The text has 3.80 M training tokens");
        assertThat(fits(study))
                .startsWith("# Yes: with the same amount of text, mor predicts")
                .contains("Each model was trained on 4.00 T tokens of the same text")
                .contains("Equal text: each model was trained on the same tokens in the same order")
                .doesNotContain("Equal compute", "same training compute")
                .doesNotContain("FLOP of training");
        assertThat(fits(SampleFindings.results(3, -0.04, 0.01)))
                .startsWith("# Yes: with the same training compute, mor predicts")
                .contains("Equal compute");
    }

    @Test
    void anUnfinishedStudyIsNotSaidToHaveFinished() {
        assertThat(fits(SampleFindings.results(3, -0.04, 0.01))).contains("Finished 2026-11-24T12:00:00Z.");
        assertThat(fits(SampleFindings.results(4, 2, List.of(), -0.04, 0.01)))
                .contains("As of 2026-11-24T12:00:00Z, unfinished.")
                .doesNotContain("Finished 2026");
    }

    @Test
    void sharesOfSamplesStandBesideTheNumberOfSamples() {
        int samples = AuditSectionsTest.gain(0, 0.25).decisions();
        assertThat(fits(SampleFindings.results(1, -0.04, 0.01)))
                .containsPattern("\\| mor \\| small \\| [^|]+ \\| 0 \\| " + samples + " \\| ");
    }

    private static String fits(StudyResults results) {
        return MarkdownReport.write(
                FindingsReport.of(SampleFindings.study(results), new ReportOptions(Language.ENGLISH, 1)));
    }

    @Test
    void japaneseReportsGiveNoReasonsInEnglish() {
        Findings study = SampleFindings.study(1, -0.04, 0.01);
        Findings.Contrast first = study.contrasts().getFirst();
        Findings unknown = SampleFindings.withContrasts(
                study,
                List.of(new Findings.Contrast(
                        first.model(),
                        first.baseline(),
                        first.difference(),
                        first.low(),
                        first.high(),
                        first.freedom(),
                        1,
                        first.observations(),
                        first.unit(),
                        "no model was trained with two seeds at this budget")));
        assertThat(MarkdownReport.write(FindingsReport.of(unknown, new ReportOptions(Language.JAPANESE, 1))))
                .contains("両モデルを 1 回ずつ学習させた結果では", "mor と vanilla の損失の差（学習は 1 回ずつ）")
                .doesNotContain("no model was trained");
    }
}
