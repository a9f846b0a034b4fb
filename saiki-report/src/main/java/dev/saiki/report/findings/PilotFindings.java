package dev.saiki.report.findings;

import dev.saiki.eval.Interval;
import dev.saiki.eval.TextScore;
import dev.saiki.eval.format.Numbers;
import dev.saiki.report.ReportSection.PassageToken;
import dev.saiki.report.ReportSection.PromptSamples;
import dev.saiki.report.ReportSection.Sample;
import dev.saiki.report.findings.Findings.Attachments;
import dev.saiki.report.findings.Findings.ComparedModel;
import dev.saiki.report.findings.Findings.Contrast;
import dev.saiki.report.findings.Findings.CurvePoint;
import dev.saiki.report.findings.Findings.DepthShares;
import dev.saiki.report.findings.Findings.Examples;
import dev.saiki.report.findings.Findings.InspectedPassage;
import dev.saiki.report.findings.Findings.Kind;
import dev.saiki.report.findings.Findings.LossEstimate;
import dev.saiki.report.findings.Findings.Origin;
import dev.saiki.report.findings.Findings.TextFacts;
import dev.saiki.report.findings.Findings.TrainingCost;
import dev.saiki.study.results.UnigramLoss;
import dev.saiki.text.corpus.Corpus;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// A pilot's result as findings.
final class PilotFindings {

    private static final List<ModelRole> ROLES = List.of(ModelRole.VANILLA, ModelRole.FIXED_DEPTH, ModelRole.ROUTED);

    private PilotFindings() {}

    /// Takes over a result.
    ///
    /// @param result the result
    /// @param folder the pilot's folder as the user named it
    static Findings of(PilotResult result, String folder) {
        PilotResult.Setting setting = result.setting();
        return new Findings(
                new Origin(
                        Kind.PILOT,
                        folder,
                        setting.corpus(),
                        setting.processors(),
                        setting.platform(),
                        setting.finished(),
                        List.of(setting.seed()),
                        true,
                        command(setting)),
                Optional.of(text(result.data())),
                result.trainingForwardFlops(),
                subjects(result),
                result.comparisons().stream()
                        .map(comparison -> contrast(comparison, result.data()))
                        .toList(),
                Optional.of(new UnigramLoss(
                        result.unigram().nll(),
                        result.unigram().nllStandardError(),
                        result.unigram().bitsPerByte())),
                Optional.empty(),
                new Examples(Optional.of(passage(result)), samples(result)),
                List.of(),
                Attachments.NONE);
    }

    /// A corpus of the user's own is known by its name only.
    private static String command(PilotResult.Setting setting) {
        boolean isBuiltIn = setting.corpus().equals(Corpus.builtIn().name());
        return "./saiki pilot" + (isBuiltIn ? "" : " --corpus " + Appendix.quoted(setting.corpus())) + " --minutes "
                + Numbers.metric(setting.minutes()) + " --seed " + setting.seed() + " --out runs/pilot-again";
    }

    private static TextFacts text(PilotResult.Data data) {
        return new TextFacts(
                data.trainTokens(),
                data.heldOutDocuments(),
                data.scoredTokens(),
                data.scoredBytes(),
                data.context(),
                data.vocabSize(),
                data.tailHeldOut(),
                "");
    }

    private static List<ComparedModel> subjects(PilotResult result) {
        List<PilotResult.Model> models = result.models();
        return IntStream.range(0, models.size())
                .mapToObj(
                        i -> subject(models.get(i), ROLES.get(i), result.data().clusters()))
                .toList();
    }

    private static ComparedModel subject(PilotResult.Model model, ModelRole role, int clusters) {
        List<Double> trained = model.trainedShareOfTokensPerStep();
        double margin = Interval.margin(model.nllStandardError(), clusters);
        return new ComparedModel(
                model.name(),
                role,
                List.of(model.checkpoint()),
                model.numRecursions(),
                model.nonEmbeddingParameters(),
                new TrainingCost(
                        model.learningRate(),
                        model.trainingTokens(),
                        model.trainingForwardFlops(),
                        model.trainingSeconds(),
                        model.curve().stream()
                                .map(point -> new CurvePoint(point.tokens(), point.forwardFlops(), point.nll()))
                                .toList()),
                new LossEstimate(
                        model.nll(),
                        model.nllStandardError(),
                        model.nll() - margin,
                        model.nll() + margin,
                        model.bitsPerByte()),
                new DepthShares(
                        model.meanDepth(),
                        model.shareOfTokensPerDepth(),
                        trained.size() > 1 ? trained.get(1) : Double.NaN),
                model.flopsPerToken(),
                model.cacheBytesPerToken());
    }

    private static Contrast contrast(PilotResult.Comparison comparison, PilotResult.Data data) {
        return new Contrast(
                comparison.model(),
                comparison.baseline(),
                comparison.difference(),
                comparison.low(),
                comparison.high(),
                data.clusters() - 1,
                1,
                data.clusters(),
                data.clusterUnit().equals("documents") ? TextScore.Unit.DOCUMENT : TextScore.Unit.WINDOW,
                "");
    }

    private static InspectedPassage passage(PilotResult result) {
        return new InspectedPassage(
                result.mor().name(),
                result.mor().numRecursions(),
                result.passage().tokens().stream()
                        .map(token -> new PassageToken(token.text(), token.depth(), token.logprob(), List.of()))
                        .toList());
    }

    private static List<PromptSamples> samples(PilotResult result) {
        return result.samples().stream()
                .map(prompt -> new PromptSamples(
                        prompt.prompt(),
                        prompt.continuations().stream()
                                .map(text -> new Sample(text.model(), text.text(), text.meanDepth()))
                                .toList()))
                .toList();
    }
}
