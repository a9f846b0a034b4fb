package dev.saiki.cli.evaluation;

import dev.saiki.cli.model.LoadedModel;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.cli.terminal.ResultCommand;
import dev.saiki.eval.tradeoff.HeldOutSplit;
import dev.saiki.eval.tradeoff.QualityPoint;
import dev.saiki.eval.tradeoff.Tradeoff;
import dev.saiki.eval.tradeoff.TradeoffJson;
import dev.saiki.eval.tradeoff.TradeoffOptions;
import dev.saiki.io.InputException;
import dev.saiki.model.EarlyExit;
import dev.saiki.model.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// `saiki eval tradeoff`: quality of a model against the compute per token.
@Command(
        name = "tradeoff",
        description = {
            "Measure quality against compute: early exits, bounded depth and effort.",
            "Costs are counted in FLOPs, not timed."
        })
public final class EvalTradeoffCommand extends ResultCommand {

    private static final String ROW = "%-12s %8s %9s %9s %8s %9s %8s %6s %7s %9s %9s%n";

    @Option(names = "--model", paramLabel = "DIR", required = true, description = LoadedModel.FOLDER)
    private Path model = Path.of("");

    @Mixin
    private UnseenTextSource source = new UnseenTextSource();

    @Option(
            names = "--windows",
            paramLabel = "N",
            description = "Most pieces of text, each as long as the model's context, to report on; a third as many"
                    + " others are for choosing thresholds (default: ${DEFAULT-VALUE}).")
    private int windows = 256;

    @Option(
            names = "--early-exit",
            paramLabel = "SHARE",
            split = ",",
            description = "Shares of the layers that tokens are to pass on average, when they leave a vanilla or"
                    + " recursive model early (default: 0.3 to 0.9 in tenths).")
    private List<Double> shares = new ArrayList<>();

    @Option(
            names = "--confidence",
            paramLabel = "NAME",
            description = "When a token leaves early: softmax, by the head's two greatest probabilities, or saturation,"
                    + " by how little its state changed (default: softmax).")
    private EarlyExit.Confidence confidence = EarlyExit.Confidence.SOFTMAX;

    @Option(
            names = "--every",
            paramLabel = "N",
            description = "Tokens may leave early after every Nth layer of a vanilla model, or Nth recursion of a"
                    + " recursive one (default: ${DEFAULT-VALUE}).")
    private int every = 1;

    @Option(
            names = "--skip-last-layer",
            description = "Tokens that leave a recursive model early skip its unshared last layer too; they pass it"
                    + " otherwise, as those of a routed model do.")
    private boolean skipLastLayer;

    @Option(
            names = "--depths",
            paramLabel = "N",
            split = ",",
            description = "Bounds on the depth of a model with recursion (default: all below its number).")
    private List<Integer> depths = new ArrayList<>();

    @Option(
            names = "--efforts",
            paramLabel = "E",
            split = ",",
            description = "Efforts of a model with expert_threshold routing (default: 0, its grid and its default).")
    private List<Double> efforts = new ArrayList<>();

    @Override
    protected void run() throws IOException {
        if (windows < 1) {
            throw new InputException("--windows must be at least 1, got " + windows);
        }
        TradeoffOptions options = new TradeoffOptions(shares, depths, efforts, confidence, every, skipLastLayer);
        try (LoadedModel loaded = LoadedModel.open(model, Precision.FLOAT32)) {
            efforts.forEach(loaded::requireEffort);
            MeasuredText text = source.read(loaded.tokenizer(), model);
            HeldOutSplit heldOut = HeldOutSplit.of(text.documents(), loaded.tokenizer(), loaded.config(), windows);
            List<QualityPoint> points = Tradeoff.measure(loaded.weights(), heldOut, options, this::tell);
            ObjectNode results = TradeoffJson.of(model.toString(), loaded.config(), heldOut, options, points);
            publish(JsonOutput.document(results), () -> print(points));
        }
    }

    private void tell(QualityPoint point) {
        console.err()
                .print(NumberFormats.text(
                        "%s %s: NLL %.4f%n",
                        point.kind().key(),
                        number("%.3g", point.setting()),
                        point.nll().mean()));
    }

    private void print(List<QualityPoint> points) {
        printf(
                ROW,
                "kind",
                "setting",
                "threshold",
                "NLL",
                "± SE",
                "to full",
                "± SE",
                "depth",
                "layers",
                "FLOPs",
                "unchecked");
        printf(ROW, "", "", "", "a token", "", "", "", "mean", "mean", "a token", "a token");
        points.forEach(this::print);
        println("");
        points.stream().map(QualityPoint::kind).distinct().forEach(kind -> println(kind.key() + ": " + meaning(kind)));
        println("to full: the loss less that of full_depth, on the same tokens");
        println("FLOPs are counted, not timed, with the head, which `describe` and training FLOPs leave out; unchecked:"
                + " without asking who leaves early");
    }

    private static String meaning(QualityPoint.Kind kind) {
        return switch (kind) {
            case FULL_DEPTH -> "every token may take all recursions, where there is the dial at effort 1";
            case EARLY_EXIT -> "tokens leave after so large a share of the layers, on average";
            case DEPTH_BOUND ->
                "no token takes more than so many recursions (max_depth), where there is the dial at effort 1;"
                        + " 1 is one pass, which of a deepened model is its base if it is certified";
            case EFFORT -> "the compute dial: about this share of the tokens goes on at each step; 0 is one pass";
        };
    }

    private void print(QualityPoint point) {
        printf(
                ROW,
                point.kind().key(),
                number("%.3g", point.setting()),
                number("%.4f", point.threshold()),
                number("%.4f", point.nll().mean()),
                number("%.4f", point.nll().standardError()),
                number("%+.4f", point.difference().mean()),
                number("%.4f", point.difference().standardError()),
                number("%.2f", point.meanDepth()),
                number("%.2f", point.meanLayers()),
                number("%.2f M", point.flopsPerToken() / 1e6),
                number("%.2f M", point.flopsPerTokenWithoutChecks() / 1e6));
    }

    private static String number(String format, double value) {
        return Double.isNaN(value) ? "-" : NumberFormats.text(format, value);
    }
}
