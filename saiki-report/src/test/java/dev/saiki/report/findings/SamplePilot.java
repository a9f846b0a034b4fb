package dev.saiki.report.findings;

import dev.saiki.eval.TextScore;
import dev.saiki.report.ReportSection.PassageToken;
import dev.saiki.report.ReportSection.PromptSamples;
import dev.saiki.report.ReportSection.Sample;
import dev.saiki.report.findings.Findings.ComparedModel;
import dev.saiki.report.findings.Findings.Contrast;
import dev.saiki.study.TrainingLog.Validation;
import dev.saiki.study.results.DatasetSummary;
import dev.saiki.study.results.UnigramLoss;
import java.util.List;
import java.util.Optional;

/// A pilot's invented findings.
final class SamplePilot {

    private SamplePilot() {}

    /// Findings in which MoR differs from vanilla by `difference`, give or take `margin`.
    static Findings with(double difference, double margin) {
        return with(difference, margin, 0.5, 6.5);
    }

    /// The same findings with a given causal share of the second recursion and a given loss of the unigram
    /// model.
    static Findings with(double difference, double margin, double deepShare, double unigram) {
        return new Findings(
                new Findings.Origin(
                        Findings.Kind.PILOT,
                        "runs/my pilot",
                        "corpus",
                        2,
                        "Linux amd64",
                        "2026-11-24T12:00:00Z",
                        List.of(7L),
                        true,
                        "./saiki pilot --corpus corpus --minutes 10 --seed 7 --out runs/pilot-again"),
                Optional.of(text(3_830_000)),
                4e12,
                List.of(
                        model("vanilla", ModelRole.VANILLA, 4.5, 13.9e6, 1.0),
                        model("recursive-2", ModelRole.FIXED_DEPTH, 4.55, 13.9e6, 1.0),
                        model("MoR-2", ModelRole.ROUTED, 4.5 + difference, 11.2e6, deepShare)),
                List.of(contrast("vanilla", difference, margin), contrast("recursive-2", difference - 0.05, margin)),
                Optional.of(new UnigramLoss(unigram, 0.02, 2.3)),
                Optional.empty(),
                new Findings.Examples(
                        Optional.of(new Findings.InspectedPassage(
                                "MoR-2",
                                2,
                                List.of(
                                        new PassageToken("Call", 1, -3.5, List.of()),
                                        new PassageToken(" me", 2, -0.25, List.of())))),
                        List.of(new PromptSamples("The", List.of(new Sample("vanilla", " whale", 1))))),
                List.of(),
                Findings.Attachments.NONE);
    }

    static DatasetSummary text(long trainTokens) {
        return new DatasetSummary(
                "corpus", "", 4096, 200, trainTokens, 24, 300_000, 256, 51_000, 180_000, 9_000, List.of(), List.of());
    }

    private static Contrast contrast(String baseline, double difference, double margin) {
        return new Contrast(
                "MoR-2",
                baseline,
                difference,
                difference - margin,
                difference + margin,
                23,
                1,
                24,
                TextScore.Unit.DOCUMENT,
                "");
    }

    private static ComparedModel model(String name, ModelRole role, double nll, double flops, double deepShare) {
        boolean isVanilla = role == ModelRole.VANILLA;
        return new ComparedModel(
                name,
                role,
                List.of(name + "/last"),
                isVanilla ? 1 : 2,
                isVanilla ? 5_900_000 : 3_690_000,
                new Findings.TrainingCost(
                        0.002,
                        280_000,
                        4e12,
                        150,
                        List.of(
                                new Validation(1, 140_000, 2e12, nll + 0.5, 0.02),
                                new Validation(2, 280_000, 4e12, nll, 0.02))),
                new Findings.LossEstimate(nll, 0.02, nll - 0.04, nll + 0.04, 1.6),
                new Findings.DepthShares(
                        isVanilla ? 1 : 1 + deepShare,
                        isVanilla ? List.of(1.0) : List.of(1 - deepShare, deepShare),
                        isVanilla ? Double.NaN : 0.5),
                flops,
                4096);
    }
}
