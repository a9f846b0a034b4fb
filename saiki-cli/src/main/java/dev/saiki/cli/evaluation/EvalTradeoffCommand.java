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
@Command(name = "tradeoff")
public final class EvalTradeoffCommand extends ResultCommand {

    private static final String ROW = "%-12s %8s %9s %9s %8s %9s %8s %6s %7s %9s %9s%n";

    @Option(names = "--model", paramLabel = "DIR", required = true)
    private Path model = Path.of("");

    @Mixin
    private UnseenTextSource source = new UnseenTextSource();

    @Option(names = "--windows", paramLabel = "N")
    private int windows = 256;

    @Option(names = "--early-exit", paramLabel = "SHARE", split = ",")
    private List<Double> shares = new ArrayList<>();

    @Option(names = "--confidence", paramLabel = "NAME")
    private EarlyExit.Confidence confidence = EarlyExit.Confidence.SOFTMAX;

    @Option(names = "--every", paramLabel = "N")
    private int every = 1;

    @Option(names = "--skip-last-layer")
    private boolean skipLastLayer;

    @Option(names = "--depths", paramLabel = "N", split = ",")
    private List<Integer> depths = new ArrayList<>();

    @Option(names = "--efforts", paramLabel = "E", split = ",")
    private List<Double> efforts = new ArrayList<>();

    @Override
    protected void run() throws IOException {
        InputException.requireAtLeast("--windows", windows, 1);
        TradeoffOptions options = new TradeoffOptions(shares, depths, efforts, confidence, every, skipLastLayer);
        try (LoadedModel loaded = LoadedModel.open(model, Precision.FLOAT32)) {
            efforts.forEach(loaded::requireEffort);
            MeasuredText text = source.read(loaded.tokenizer(), model);
            HeldOutSplit heldOut = HeldOutSplit.of(text.documents(), loaded.tokenizer(), loaded.config(), windows);
            List<QualityPoint> points = Tradeoff.measure(loaded.weights(), heldOut, options, this::printProgress);
            ObjectNode results = TradeoffJson.of(model.toString(), loaded.config(), heldOut, options, points);
            publish(JsonOutput.document(results), () -> print(points));
        }
    }

    private void printProgress(QualityPoint point) {
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
        println("to full: the loss minus the loss of full_depth, on the same tokens");
        println("FLOPs are counted, not timed, and include the head, unlike the FLOPs of `describe` and training."
                + " unchecked: FLOPs without the cost of deciding which tokens exit early");
    }

    private static String meaning(QualityPoint.Kind kind) {
        return switch (kind) {
            case FULL_DEPTH -> "every token may take all recursions, at effort 1 if the model has efforts";
            case EARLY_EXIT -> "tokens exit after this mean share of the layers";
            case DEPTH_BOUND ->
                "no token takes more than this many recursions (max_depth), at effort 1 if the model has efforts; 1 is"
                        + " one pass, at which a certified deepened model equals its base";
            case EFFORT -> "about this share of the tokens continues at each step; 0 is one pass";
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
