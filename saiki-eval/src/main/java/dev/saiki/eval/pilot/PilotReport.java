package dev.saiki.eval.pilot;

import dev.saiki.eval.pilot.PilotResult.Comparison;
import dev.saiki.eval.pilot.PilotResult.CurvePoint;
import dev.saiki.eval.pilot.PilotResult.Model;
import dev.saiki.eval.report.LineChart;
import dev.saiki.eval.report.LineChart.Point;
import dev.saiki.eval.report.LineChart.Reference;
import dev.saiki.eval.report.LineChart.Series;
import dev.saiki.eval.report.Numbers;
import dev.saiki.eval.report.Report;
import dev.saiki.eval.report.Report.KeyFigure;
import dev.saiki.eval.report.ReportSection;
import dev.saiki.eval.report.ReportSection.Bar;
import dev.saiki.eval.report.ReportSection.Charts;
import dev.saiki.eval.report.ReportSection.Histogram;
import dev.saiki.eval.report.ReportSection.Passage;
import dev.saiki.eval.report.ReportSection.PassageToken;
import dev.saiki.eval.report.ReportSection.PromptSamples;
import dev.saiki.eval.report.ReportSection.Prose;
import dev.saiki.eval.report.ReportSection.Sample;
import dev.saiki.eval.report.ReportSection.Samples;
import dev.saiki.eval.report.ReportSection.Table;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/// The page that shows a pilot's result.
public final class PilotReport {

    /// The name of the file in the pilot's folder.
    public static final String FILE_NAME = "report.html";

    private final PilotResult result;
    private final Model mor;
    private final Model vanilla;

    private PilotReport(PilotResult result) {
        this.result = result;
        this.mor = result.mor();
        this.vanilla = result.vanilla();
    }

    /// Lays out a result as a report.
    ///
    /// @param result a pilot's result
    /// @return the report
    public static Report of(PilotResult result) {
        return new PilotReport(result).report();
    }

    private Report report() {
        return new Report(
                "Saiki pilot: does Mixture-of-Recursions pay on this text?",
                source(),
                PilotReading.answer(result),
                PilotReading.explanation(result),
                figures(),
                List.of(table(), curves(), passage(), depths(), samples(), method(), limits()));
    }

    private String source() {
        PilotResult.Setting setting = result.setting();
        return "Corpus: " + setting.corpus() + "; "
                + Numbers.metric(result.data().trainTokens())
                + " tokens to train on, " + result.data().heldOutDocuments() + " documents held out. "
                + Numbers.metric(setting.minutes()) + " minutes asked for, " + setting.processors() + " processors, "
                + setting.platform() + ". Finished " + setting.finished() + ".";
    }

    private List<KeyFigure> figures() {
        Comparison comparison = result.comparisons().getFirst();
        return List.of(
                new KeyFigure(
                        Numbers.signed(comparison.difference(), 3),
                        mor.name() + " minus vanilla, nats per token",
                        Double.isNaN(comparison.low())
                                ? "no interval"
                                : "95 % interval " + Numbers.signed(comparison.low(), 3) + " to "
                                        + Numbers.signed(comparison.high(), 3)),
                ratio("FLOPs per token", Model::flopsPerToken),
                ratio("Cache bytes per token", Model::cacheBytesPerToken),
                ratio("Parameters beside the embedding", Model::nonEmbeddingParameters));
    }

    private KeyFigure ratio(String label, ToDoubleFunction<Model> quantity) {
        double mine = quantity.applyAsDouble(mor);
        double theirs = quantity.applyAsDouble(vanilla);
        return new KeyFigure(
                Numbers.percent(mine / theirs, 0),
                label + ", " + mor.name() + " of vanilla",
                Numbers.metric(mine) + " against " + Numbers.metric(theirs));
    }

    private ReportSection table() {
        return new Table(
                "The three models",
                "Each was trained with " + Numbers.metric(result.trainingForwardFlops())
                        + "FLOP. Loss (NLL) and bits per byte are of held-out documents; lower is better. FLOPs and"
                        + " cache are those of a token at the depths measured there.",
                PilotTable.columns(),
                PilotTable.rows(result),
                List.of(
                        "SE: standard error of the loss over " + result.data().clusters() + " "
                                + result.data().clusterUnit()
                                + ". To compare models use the paired intervals: they find the same text hard.",
                        paired(result.comparisons().getFirst()),
                        paired(result.comparisons().getLast()),
                        "Unigram: a model that knows only how frequent each token is in the training text."));
    }

    private static String paired(Comparison comparison) {
        return comparison.model() + " minus " + comparison.baseline() + ": "
                + Numbers.signed(comparison.difference(), 4) + " nats per token, standard error "
                + Numbers.fixed(comparison.standardError(), 4) + ", 95 % interval "
                + Numbers.signed(comparison.low(), 4) + " to " + Numbers.signed(comparison.high(), 4)
                + (comparison.isClear() ? "." : ": not told apart.");
    }

    private ReportSection curves() {
        return new Charts(
                "Loss while training",
                "Held-out loss on a few fixed rows, over what it cost. The dotted line is the unigram model.",
                List.of(
                        chart("Over training compute", "forward FLOPs", CurvePoint::forwardFlops),
                        chart("Over training tokens", "tokens", CurvePoint::tokens)));
    }

    private LineChart chart(String title, String xLabel, ToDoubleFunction<CurvePoint> x) {
        List<Series> series = result.models().stream()
                .map(model -> new Series(
                        model.name(),
                        model.curve().stream()
                                .map(point -> new Point(x.applyAsDouble(point), point.nll()))
                                .toList()))
                .toList();
        return new LineChart(
                title,
                xLabel,
                "NLL, nats per token",
                series,
                Optional.of(new Reference("unigram", result.unigram().nll())));
    }

    private ReportSection passage() {
        return new Passage(
                "Where " + mor.name() + " spends its depth",
                "A passage from a held-out document. Each token is coloured by the recursions it took; the router"
                        + " decided from the token and what stands before it.",
                mor.numRecursions(),
                result.passage().tokens().stream()
                        .map(token -> new PassageToken(token.text(), token.depth(), token.logprob()))
                        .toList());
    }

    private ReportSection depths() {
        List<Double> shares = mor.shareOfTokensPerDepth();
        return new Histogram(
                "How deep tokens go",
                "Of all " + Numbers.metric(result.data().scoredTokens()) + " held-out tokens scored, " + mor.name()
                        + " took",
                IntStream.rangeClosed(1, mor.numRecursions())
                        .mapToObj(depth -> new Bar(
                                depth == 1 ? "1 recursion" : depth + " recursions",
                                depth,
                                shares.get(depth - 1),
                                Numbers.metric(Math.rint(shares.get(depth - 1)
                                                * result.data().scoredTokens())) + " tokens"))
                        .toList());
    }

    private ReportSection samples() {
        return new Samples(
                "What they write",
                "The same prompts, the same random numbers, temperature 0.8, top-p 0.95; the first draw, not a choice. "
                        + "Models of this size, trained for minutes, find the tone and the grammar of a text, not its"
                        + " sense.",
                result.samples().stream()
                        .map(prompt -> new PromptSamples(
                                prompt.prompt(),
                                prompt.continuations().stream()
                                        .map(text -> new Sample(
                                                text.model(),
                                                text.text(),
                                                "mean depth " + Numbers.fixed(text.meanDepth(), 2)))
                                        .toList()))
                        .toList());
    }

    private ReportSection method() {
        PilotResult.Data data = result.data();
        return new Prose(
                "How it was measured",
                "",
                List.of(
                        "Equal compute: each model was trained until it had spent the same forward FLOPs by the count of"
                                + " the MoR paper: two for each parameter a token passes, plus attention, at the share of"
                                + " tokens that takes each recursion. Embedding and output layer are not in the count.",
                        "Held-out text: " + heldOut() + " Every model was scored on the same "
                                + Numbers.metric(data.scoredTokens()) + " tokens (" + Numbers.metric(data.scoredBytes())
                                + " bytes) in windows of " + data.context()
                                + " tokens at even distances, each window beginning with one token of context.",
                        "Causal routing: in training the router picks the best tokens of a whole sequence, which looks"
                                + " ahead. Here, as in use, it decides for each token from what stands before it, by a"
                                + " threshold.",
                        "Errors: tokens of one text are alike, so the " + data.clusterUnit() + " (" + data.clusters()
                                + ") are the observations, not the tokens. Intervals are Student's t over the paired"
                                + " differences.",
                        "The checkpoint measured is the last one, not the best one. Vocabulary "
                                + Numbers.metric(data.vocabSize()) + ", seed "
                                + result.setting().seed()
                                + ", peak learning rates " + rates() + "."));
    }

    private String heldOut() {
        return result.data().tailHeldOut()
                ? "the end of the only document, which makes the measure milder than a new document would."
                : result.data().heldOutDocuments() + " whole documents that no model was trained on.";
    }

    private String rates() {
        return String.join(
                ", ",
                result.models().stream()
                        .map(model -> model.learningRate() + " (" + model.name() + ")")
                        .toList());
    }

    private ReportSection limits() {
        return new Prose(
                "What this does not show",
                "",
                List.of(
                        "Small models, minutes of training. In the paper MoR gains with size: at 135 million parameters"
                                + " it lost to the vanilla model, at 360 million and more it won. A pilot shows how the"
                                + " method behaves on this text, not what a large model would reach.",
                        "It has no random router. On the built-in corpus, with four trillion FLOPs and one seed, a MoR-2"
                                + " model that draws its tokens at random ended at 5.48 nats, one with a router at 5.52, one"
                                + " that sends every token through both recursions behind the same gate at 5.58, and the"
                                + " fixed-depth and vanilla models at 5.75 and 5.67: this early, the gate and the extra"
                                + " tokens pay, and the router's choices do not yet.",
                        "One training a model. Another seed moves losses by as much as small differences between"
                                + " families.",
                        "FLOPs are counted, not measured: saved compute becomes saved time only as far as the machine"
                                + " and the decoder let it. The table has the minutes that training really took.",
                        "Learning rates are constants that suit the built-in corpus; another text may favour one family"
                                + " by them."));
    }
}
