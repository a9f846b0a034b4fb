package dev.saiki.report.findings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.eval.TextScore;
import dev.saiki.report.Language;
import dev.saiki.report.Messages;
import dev.saiki.report.findings.Findings.Contrast;
import dev.saiki.study.results.DivergedRun;
import dev.saiki.study.results.RunPurpose;
import dev.saiki.study.results.StudyResults;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RemarksTest {

    private static final Contrast GAIN = contrast("mor", "vanilla", -0.04, 0.01, "");
    private static final String NOT_COMPARED = " was not compared with a model of the same recursions";

    private static Contrast contrast(String model, String baseline, double difference, double margin, String reason) {
        return new Contrast(
                model,
                baseline,
                difference,
                difference - margin,
                difference + margin,
                23,
                3,
                24,
                TextScore.Unit.DOCUMENT,
                reason);
    }

    private static String said(Findings findings) {
        return String.join("\n", new Remarks(findings, Conclusion.of(findings), Messages.in(Language.ENGLISH)).all());
    }

    /// What is said of a routed model that gains on vanilla, where a random router was trained too.
    private static String saidOfGain(Contrast... others) {
        List<Contrast> contrasts = new ArrayList<>(List.of(GAIN));
        contrasts.addAll(List.of(others));
        return said(SampleFindings.withContrasts(SampleFindings.study(3, -0.04, 0.01), contrasts));
    }

    @Test
    void aGainIsTheRoutersOnlyIfItClearlyBeatsTheLot() {
        assertThat(saidOfGain(contrast("mor", "random", -0.03, 0.01, ""))).contains("The router pays off");
        assertThat(saidOfGain(contrast("random", "mor", 0.03, 0.01, ""))).contains("The router pays off");
        assertThat(saidOfGain(contrast("mor", "random", 0.03, 0.01, "")))
                .contains("The gain does not come from the router");
        assertThat(saidOfGain(contrast("random", "mor", -0.03, 0.01, "")))
                .contains("The gain does not come from the router");
    }

    @Test
    void whatIsNotToldApartFromTheLotNamesNoCause() {
        for (Contrast undecided : List.of(
                contrast("mor", "random", -0.02, 0.03, ""),
                contrast("random", "mor", 0.02, 0.03, ""),
                contrast("mor", "random", -0.02, Double.NaN, ""),
                contrast("mor", "random", -0.02, 0.01, "there is one seed"))) {
            assertThat(saidOfGain(undecided))
                    .contains("Whether the router contributes to the gain is undecided")
                    .doesNotContain("router pays off", "come from the router", "rest of the recipe");
        }
    }

    @Test
    void aRandomRouterThatWasTrainedButNotComparedIsNotSaidToBeMissing() {
        assertThat(saidOfGain()).contains(NOT_COMPARED).doesNotContain("no model with random routing was trained");
        assertThat(saidOfGain(contrast("random", "vanilla", -0.03, 0.01, ""))).contains(NOT_COMPARED);
    }

    private static String saidOf(StudyResults results) throws IOException {
        return said(StudyFindings.of(results, Path.of("no-such-folder"), "runs/study"));
    }

    @Test
    void seedsThatAreNotTrainedYetAreNotCounted() throws IOException {
        assertThat(saidOf(SampleFindings.results(3, 1, List.of(), -0.04, 0.01)))
                .contains("Each model was trained once (seeds: 1)", "The study is not finished")
                .doesNotContain("several seeds");
        assertThat(StudyFindings.of(SampleFindings.results(3, 1, List.of(), -0.04, 0.01), Path.of("none"), "none")
                        .origin()
                        .seeds())
                .containsExactly(0L);
        assertThat(saidOf(SampleFindings.results(3, 3, List.of(), -0.04, 0.01)))
                .contains("Each model was trained with several seeds (3)");
    }

    @Test
    void trainingsThatWereGivenUpAreNamed() throws IOException {
        List<DivergedRun> givenUp = List.of(
                new DivergedRun("mor-large-3", RunPurpose.GRID, 7, "the cross-entropy loss"),
                new DivergedRun("sweep-mor", RunPurpose.SWEEP, 7, "the cross-entropy loss"));
        assertThat(saidOf(SampleFindings.results(3, 3, givenUp, -0.04, 0.01)))
                .contains("which makes their models look better than they are: mor-large-3.")
                .doesNotContain("sweep-mor", "not finished");
    }
}
