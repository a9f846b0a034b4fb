package dev.saiki.report.findings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.eval.TextScore;
import dev.saiki.report.Language;
import dev.saiki.report.Report;
import dev.saiki.report.ReportSection.Prose;
import dev.saiki.report.findings.Conclusion.Outcome;
import dev.saiki.report.findings.Findings.ComparedModel;
import dev.saiki.report.findings.Findings.Contrast;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ConclusionTest {

    private static Findings pilot(double difference, double margin) {
        return SamplePilot.with(difference, margin);
    }

    private static Outcome outcome(Findings findings) {
        return Conclusion.of(findings).outcome();
    }

    private static Report english(Findings findings) {
        return FindingsReport.of(findings, ReportOptions.DEFAULT);
    }

    /// Everything that is said in words about the result, as against tables and explanations of the method.
    private static String said(Findings findings, Language language) {
        Report report = FindingsReport.of(findings, new ReportOptions(language, 1));
        Prose remarks = (Prose) report.sections().getFirst();
        return report.answer() + " " + String.join(" ", report.explanation()) + " "
                + String.join(" ", remarks.points());
    }

    /// A pilot's figures as if each model had been trained twice: judged, but not decided.
    private static Findings trial(double difference, double margin) {
        Findings once = pilot(difference, margin);
        return SampleFindings.withContrasts(
                once,
                once.contrasts().stream()
                        .map(contrast -> new Contrast(
                                contrast.model(),
                                contrast.baseline(),
                                contrast.difference(),
                                contrast.low(),
                                contrast.high(),
                                contrast.freedom(),
                                2,
                                contrast.observations(),
                                contrast.unit(),
                                contrast.reason()))
                        .toList());
    }

    @Test
    void aLowerLossAtLessComputationPaysInThisTrial() {
        Findings findings = trial(-0.04, 0.01);
        assertThat(outcome(findings)).isEqualTo(Outcome.PAYS);
        assertThat(english(findings).answer())
                .isEqualTo("In this trial, yes: with the same training compute, MoR-2 predicts unseen text"
                        + " better than the ordinary model (vanilla), and takes less computation to run.");
        assertThat(english(findings).explanation().getLast())
                .isEqualTo(
                        "How sure: the actual next tokens got 4.1 % more probability on average (95 % interval 3.0 % to"
                                + " 5.1 %), based on 24 documents and 2 trainings (seeds) of each model, too few to base a"
                                + " decision on.");
    }

    @Test
    void aHigherLossDoesNotPayWhateverItSaves() {
        Findings findings = trial(0.04, 0.01);
        assertThat(outcome(findings)).isEqualTo(Outcome.DOES_NOT_PAY);
        assertThat(english(findings).answer()).startsWith("In this trial, no: ").contains("less well than");
        assertThat(english(findings).explanation().getLast())
                .contains("got 3.9 % less probability on average")
                .contains("(95 % interval 3.0 % to 4.9 %)");
    }

    @ParameterizedTest
    @EnumSource(Language.class)
    void aDifferenceInsideItsIntervalIsNeverCalledAGainOrALoss(Language language) {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            double margin = random.nextDouble() * 0.1;
            Findings findings = trial((random.nextDouble() * 2 - 1) * margin, margin);
            assertThat(outcome(findings)).as("seed %d", seed).isEqualTo(Outcome.NOT_DECIDED);
            String said = said(findings, language).replaceAll("MoR-2 (against|は) recursive-2[^)）]*[)）]", "");
            assertThat(said)
                    .as("seed %d", seed)
                    .doesNotContain("better", "worse", "lower", "higher", "more probability", "less probability")
                    .doesNotContain("優れ", "劣り", "正確に予測し", "損失が小さく", "損失が大きく", "高い確率", "低い確率");
        }
    }

    @Test
    void withoutAnIntervalNothingIsClaimed() {
        assertThat(outcome(pilot(-0.5, Double.NaN))).isEqualTo(Outcome.NO_INTERVAL);
        assertThat(english(pilot(-0.5, Double.NaN)).answer())
                .isEqualTo("Not decided: there are too few figures to compare MoR-2 and the ordinary model (vanilla).");
    }

    @Test
    void aTextIsTooShortOnceAModelReadsItMoreThanTwice() {
        Findings findings = trial(-0.04, 0.01);
        long most = findings.subjects().stream()
                .mapToLong(model -> model.training().tokens())
                .max()
                .orElseThrow();
        long half = most / 2;
        assertThat(2 * half).as("tokens that can be halved").isEqualTo(most);
        assertThat(english(SampleFindings.withTrainTokens(findings, half)).explanation())
                .noneMatch(sentence -> sentence.contains("too short"));
        assertThat(english(SampleFindings.withTrainTokens(findings, half - 1)).explanation())
                .anyMatch(sentence -> sentence.contains("too short for these models")
                        && sentence.contains("the models read it up to 2 times"));
    }

    @Test
    void modelsThatHaveHardlyLearntAreNotCompared() {
        Findings findings = SamplePilot.with(-0.5, 0.01, 0.5, 4.6);
        assertThat(outcome(findings)).isEqualTo(Outcome.TOO_LITTLE_LEARNT);
        assertThat(said(findings, Language.ENGLISH))
                .contains("train longer or on more text")
                .doesNotContain("beats chance:", "ahead of chance");
    }

    @ParameterizedTest
    @CsvSource({
        "160,150,170, PAYS, by measurement, this model generates faster: 160 tokens a second against 100.",
        "70,60,80, PAYS_AT_A_PRICE, by measurement, this model generates more slowly: 70.0 tokens a second against 100.",
        "120,105,140, PAYS, by measurement,"
                + " neither model is clearly faster: the ranges of their measured speeds overlap (120 and 100 tokens a"
                + " second)."
    })
    void measuredSpeedCountsOnlyBeyondTheSpreadOfItsRounds(
            double median, double least, double most, Outcome outcome, String first, String second) {
        Findings findings = SampleFindings.withSpeeds(
                trial(-0.04, 0.01),
                List.of(
                        SampleFindings.speed("vanilla", 100, 90, 110),
                        SampleFindings.speed("MoR-2", median, least, most)));
        assertThat(outcome(findings)).isEqualTo(outcome);
        assertThat(english(findings).explanation().get(1)).endsWith(first + ", " + second);
    }

    @Test
    void aModelThatWasMeasuredAgainIsJudgedByItsLatestMeasurement() {
        Findings findings = SampleFindings.withSpeeds(
                trial(-0.04, 0.01),
                List.of(
                        SampleFindings.speed("MoR-2", 70, 60, 80),
                        SampleFindings.speed("vanilla", 100, 90, 110),
                        SampleFindings.speed("MoR-2", 160, 150, 170)));
        assertThat(english(findings).explanation().get(1))
                .endsWith("this model generates faster: 160 tokens a second against 100.");
    }

    @Test
    void withoutAMeasurementTheSpeedIsSaidToBeUnknown() {
        assertThat(english(trial(-0.04, 0.01)).explanation().get(1))
                .isEqualTo("MoR-2 sends each token (a word or part of a word) through at most 2 rounds of its shared"
                        + " layers, 1.50 on average; by count, a token takes 81 % of the computation and 100 % of"
                        + " the working memory that the ordinary model (vanilla) needs; the models' decoding speeds"
                        + " have not been measured yet.");
    }

    @Test
    void threeSeedsMakeADecision() {
        assertThat(english(SampleFindings.study(3, -0.04, 0.01)).answer()).startsWith("Yes: ");
        assertThat(english(SampleFindings.study(2, -0.04, 0.01)).answer()).startsWith("In this trial, yes: ");
        assertThat(english(SampleFindings.study(3, 0.04, 0.01)).answer()).startsWith("No: ");
        assertThat(english(SampleFindings.study(3, 0.04, 0.05)).answer()).startsWith("Not decided: ");
        assertThat(english(SampleFindings.study(3, -0.04, 0.01)).explanation().getLast())
                .endsWith("based on 24 documents and 3 trainings (seeds) of each model.");
    }

    @Test
    void aGainIsPutDownToTheRouterOnlyAgainstARandomOne() {
        assertThat(said(trial(-0.04, 0.01), Language.ENGLISH))
                .contains("The gain of MoR-2 cannot be attributed to its router");
        assertThat(said(trial(0.04, 0.01), Language.ENGLISH)).doesNotContain("The gain of");
        assertThat(said(SampleFindings.study(3, -0.04, 0.01), Language.ENGLISH))
                .contains("Whether the router contributes to the gain is undecided: mor does not clearly differ from"
                        + " random");
    }

    @Test
    void theBestOfSeveralRoutedModelsIsJudgedByAWiderInterval() {
        Findings study = SampleFindings.study(3, -0.04, 0.01);
        // t(0.995, 5) is 1.57 times t(0.975, 5).
        Contrast narrowly = new Contrast("mor", "vanilla", -0.04, -0.07, -0.01, 5, 3, 24, TextScore.Unit.DOCUMENT, "");
        assertThat(outcome(SampleFindings.withRouted(study, 1, narrowly))).isEqualTo(Outcome.PAYS);
        assertThat(said(SampleFindings.withRouted(study, 1, narrowly), Language.ENGLISH))
                .doesNotContain("models that could be judged, and the answer is about the best");
        Findings several = SampleFindings.withRouted(study, 5, narrowly);
        assertThat(outcome(several)).isEqualTo(Outcome.NOT_DECIDED);
        assertThat(Conclusion.of(several).contrast().orElseThrow().high())
                .isCloseTo(-0.04 + 1.5686 * 0.03, within(1e-4));
        assertThat(said(several, Language.ENGLISH))
                .contains("There are 5 models that could be judged, and the answer is about the best of them");
        Contrast widely = new Contrast("mor", "vanilla", -0.04, -0.05, -0.03, 5, 3, 24, TextScore.Unit.DOCUMENT, "");
        assertThat(outcome(SampleFindings.withRouted(study, 5, widely))).isEqualTo(Outcome.PAYS);
    }

    @ParameterizedTest
    @EnumSource(Language.class)
    void oneTrainingOfEachGivesNoJudgementWhateverTheDifference(Language language) {
        for (double difference : List.of(-0.5, -0.04, 0.0, 0.04, 0.5)) {
            Findings findings = pilot(difference, 0.01);
            assertThat(outcome(findings)).isEqualTo(Outcome.ONE_TRAINING);
            assertThat(FindingsReport.of(findings, new ReportOptions(language, 1))
                            .answer())
                    .doesNotContainIgnoringCase("yes", " no:", "pays", "はい", "いいえ", "採用する価値")
                    .containsAnyOf("After one training of each", "両モデルを 1 回ずつ学習させた結果では");
        }
    }

    @Test
    void oneTrainingOfEachSaysWhoIsAheadByHowMuchAndWhatWouldDecide() {
        assertThat(english(pilot(-0.04, 0.01)).answer())
                .isEqualTo(
                        "After one training of each, MoR-2 is ahead of the ordinary model (vanilla) by 0.040 nats per"
                                + " token (95 % interval of the difference −0.050 to −0.030, over 24 documents,"
                                + " excluding training noise); 10 trainings of each would decide.");
        assertThat(english(pilot(0.06, 0.01)).answer())
                .contains("MoR-2 is behind the ordinary model (vanilla) by 0.060");
        assertThat(english(pilot(0.001, 0.01)).answer())
                .contains("are level: the difference is 0.001")
                .endsWith("even thirty trainings of each would not decide so small a difference.");
    }

    @Test
    void theFirstLinesSayWhetherTheRouterBeatsChance() {
        assertThat(english(SampleFindings.study(3, -0.04, 0.01)).explanation().getFirst())
                .isEqualTo(
                        "The router is not shown to beat chance: the loss of mor minus that of its twin random, which"
                                + " has a random router, is +0.000 nats per token (95 % interval −0.010 to +0.010, which"
                                + " contains zero; 3 trainings of each).");
        Findings study = SampleFindings.study(3, -0.04, 0.01);
        Contrast vanilla = study.contrasts().getFirst();
        for (double difference : List.of(-0.03, 0.03)) {
            Contrast random = new Contrast(
                    "mor",
                    "random",
                    difference,
                    difference - 0.01,
                    difference + 0.01,
                    5,
                    3,
                    24,
                    TextScore.Unit.DOCUMENT,
                    "");
            assertThat(english(SampleFindings.withContrasts(study, List.of(vanilla, random)))
                            .explanation()
                            .getFirst())
                    .startsWith(difference < 0 ? "The router beats chance" : "The router does worse than chance");
        }
        assertThat(english(pilot(-0.04, 0.01)).explanation().getFirst())
                .startsWith("Whether the router beats chance is not known");
    }

    @Test
    void whatBeatsOneOrdinaryModelIsJudgedAgainstTheBestOfThem() {
        Findings study = SampleFindings.study(3, -0.04, 0.01);
        double nll = study.baseline().loss().nll();
        Contrast worse = new Contrast("mor", "shallow", 0.02, 0.01, 0.03, 5, 3, 24, TextScore.Unit.DOCUMENT, "");
        Findings beaten = SampleFindings.withOrdinary(study, "shallow", nll - 0.06, worse);
        assertThat(outcome(beaten)).isEqualTo(Outcome.DOES_NOT_PAY);
        assertThat(english(beaten).answer()).startsWith("No: ").contains("less well than the ordinary model (shallow)");
        assertThat(outcome(SampleFindings.withOrdinary(study, "shallow", nll + 0.06, worse)))
                .isEqualTo(Outcome.PAYS);
    }

    @Test
    void itIsOneWhichOfTwoModelsAPlanHeldAgainstTheOther() {
        Findings study = SampleFindings.study(3, -0.04, 0.01);
        Findings turned = SampleFindings.withContrasts(
                study, study.contrasts().stream().map(Contrast::reversed).toList());
        assertThat(outcome(turned)).isEqualTo(Outcome.PAYS);
        assertThat(english(turned).answer()).isEqualTo(english(study).answer());
    }

    @Test
    void oneModelAloneDecidesNothing() {
        Findings pilot = pilot(-0.04, 0.01);
        Findings alone = SampleFindings.alone(pilot, pilot.subjects().getLast());
        assertThat(outcome(alone)).isEqualTo(Outcome.NOTHING_TO_COMPARE);
        assertThat(english(alone).answer())
                .startsWith("Not decided: only a comparison of MoR-2 with an ordinary model");
    }

    @Test
    void variantsOfOneModelDecideNothing() {
        Findings study = SampleFindings.study(3, -0.04, 0.01);
        ComparedModel mor = study.routed().getFirst();
        ComparedModel worse = SampleFindings.renamed(mor, "other", mor.loss().nll() + 0.2);
        Contrast contrast = new Contrast("other", "mor", 0.2, 0.19, 0.21, 5, 3, 24, TextScore.Unit.DOCUMENT, "");
        Findings variants = SampleFindings.with(study, List.of(worse, mor), List.of(contrast));
        assertThat(outcome(variants)).isEqualTo(Outcome.NOTHING_TO_COMPARE);
        assertThat(english(variants).answer())
                .startsWith("Not decided: only a comparison of mor with an ordinary model");
    }

    @Test
    void aRandomTwinIsNoOrdinaryModel() {
        Findings study = SampleFindings.study(3, -0.04, 0.01);
        ComparedModel mor = study.routed().getFirst();
        ComparedModel random = study.subjects().stream()
                .filter(subject -> subject.role() == ModelRole.RANDOM_ROUTER)
                .findFirst()
                .orElseThrow();
        Contrast contrast = new Contrast("mor", "random", -0.2, -0.21, -0.19, 5, 3, 24, TextScore.Unit.DOCUMENT, "");
        Findings twins = SampleFindings.with(study, List.of(random, mor), List.of(contrast));
        assertThat(outcome(twins)).isEqualTo(Outcome.NOTHING_TO_COMPARE);
        assertThat(english(twins).answer()).startsWith("Not decided: only a comparison of mor with an ordinary model");
        assertThat(english(SampleFindings.with(study, List.of(random), List.of()))
                        .answer())
                .startsWith("Not decided: only a model with a learned router or a fixed number of recursions");
    }

    @Test
    void oneModelWithoutRecursionsIsSaidToHaveNone() {
        Findings pilot = pilot(-0.04, 0.01);
        Findings alone = SampleFindings.alone(pilot, pilot.baseline());
        assertThat(outcome(alone)).isEqualTo(Outcome.NOTHING_TO_COMPARE);
        assertThat(english(alone).answer())
                .startsWith("Not decided: only a model that applies its layers more than once")
                .doesNotContain("rounds");
        assertThat(said(alone, Language.ENGLISH)).doesNotContain("rounds").contains("through every layer once");
    }

    @Test
    void whereNothingIsRoutedRecursionsOfAFixedNumberAreJudged() {
        Findings worse = SampleFindings.withoutRouters(SampleFindings.study(3, 0.04, 0.01));
        assertThat(outcome(worse)).isEqualTo(Outcome.DOES_NOT_PAY);
        assertThat(english(worse).answer()).startsWith("No: ").contains(", mor predicts unseen text");
        assertThat(said(worse, Language.ENGLISH))
                .contains("No model here has a router: this report shows what a fixed number");
        Findings better = SampleFindings.withoutRouters(SampleFindings.study(3, -0.04, 0.01));
        assertThat(english(better).answer()).startsWith("Yes");
        assertThat(said(better, Language.ENGLISH)).doesNotContain("its router", "router pays off");
        assertThat(outcome(SampleFindings.withoutRouters(SampleFindings.study(3, 0.004, 0.01))))
                .isEqualTo(Outcome.NOT_DECIDED);
    }

    @Test
    void aRouterThatDecidesOtherwiseThanItWasTrainedIsRemarkedOn() {
        Findings settled = SamplePilot.with(-0.04, 0.01, 0.55, 6.5);
        Findings unsettled = SamplePilot.with(-0.04, 0.01, 0.95, 6.5);
        assertThat(said(unsettled, Language.ENGLISH))
                .contains("it sends 95 % of the tokens into the second recursion; in training, 50 % were selected");
        assertThat(said(settled, Language.ENGLISH)).doesNotContain("has not settled");
    }
}
