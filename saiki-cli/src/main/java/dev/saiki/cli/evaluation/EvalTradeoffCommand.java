package dev.saiki.cli.evaluation;

import dev.saiki.cli.model.LoadedModel;
import dev.saiki.cli.terminal.Console;
import dev.saiki.cli.terminal.ExitCode;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.cli.terminal.OutputPaths;
import dev.saiki.eval.tradeoff.HeldOutSplit;
import dev.saiki.eval.tradeoff.QualityPoint;
import dev.saiki.eval.tradeoff.Tradeoff;
import dev.saiki.eval.tradeoff.TradeoffJson;
import dev.saiki.eval.tradeoff.TradeoffOptions;
import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import dev.saiki.model.EarlyExit;
import dev.saiki.model.Precision;
import dev.saiki.text.corpus.Corpus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// `saiki eval tradeoff`: quality of a model against the compute per token.
@Command(
        name = "tradeoff",
        description = {
            "Measure quality against compute: early exits, bounded depth and effort.",
            "Costs are counted in FLOPs, not timed."
        })
public final class EvalTradeoffCommand implements Callable<Integer> {

    private static final String ROW = "%-12s %8s %9s %9s %8s %9s %8s %6s %7s %9s %9s%n";

    private final Console console;

    @Option(names = "--model", paramLabel = "DIR", required = true, description = LoadedModel.FOLDER)
    private Path model = Path.of("");

    @ArgGroup(multiplicity = "1")
    private Input input = new Input();

    @Option(
            names = "--text-field",
            paramLabel = "NAME",
            defaultValue = Corpus.TEXT_FIELD,
            description = "Field of JSONL or column of Parquet that holds the text (default: ${DEFAULT-VALUE}).")
    private String textField = Corpus.TEXT_FIELD;

    @Option(
            names = "--windows",
            paramLabel = "N",
            defaultValue = "256",
            description = "Most pieces of text, each as long as the model's context, to report on; a third as many"
                    + " others are for choosing thresholds (default: ${DEFAULT-VALUE}).")
    private int windows;

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
            defaultValue = "softmax",
            description = "When a token leaves early: softmax, by the head's two greatest probabilities, or saturation,"
                    + " by how little its state changed (default: softmax).")
    private EarlyExit.Confidence confidence = EarlyExit.Confidence.SOFTMAX;

    @Option(
            names = "--every",
            paramLabel = "N",
            defaultValue = "1",
            description = "Tokens may leave early after every Nth layer of a vanilla model, or Nth recursion of a"
                    + " recursive one (default: 1).")
    private int every;

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

    @Option(names = "--out", paramLabel = "FILE", description = "Also write the results to this file, as JSON.")
    private @Nullable Path out;

    @Option(names = "--json", description = "Print the results as JSON and nothing else.")
    private boolean json;

    public EvalTradeoffCommand(Console console) {
        this.console = console;
    }

    /// The text to score: exactly one of the two.
    private static final class Input {
        @Option(
                names = "--text",
                paramLabel = "PATH",
                arity = "1..*",
                required = true,
                description = "Texts the model has not seen: files, folders or globs.")
        private List<Path> texts = new ArrayList<>();

        @Option(
                names = "--dataset",
                paramLabel = "DIR",
                required = true,
                description = "A dataset of `saiki data prepare`; its held-out documents are used.")
        private @Nullable Path dataset;
    }

    @Override
    public Integer call() throws IOException {
        if (windows < 1) {
            throw new InputException("--windows must be at least 1, got " + windows);
        }
        if (out != null) {
            OutputPaths.requireFile(out);
        }
        TradeoffOptions options = new TradeoffOptions(shares, depths, efforts, confidence, every, skipLastLayer);
        try (LoadedModel loaded = LoadedModel.open(model, Precision.FLOAT32)) {
            efforts.forEach(loaded::requireEffort);
            TextSource.Documents text =
                    TextSource.read(input.texts, input.dataset, textField, loaded.tokenizer(), model);
            HeldOutSplit heldOut = HeldOutSplit.of(text.documents(), loaded.tokenizer(), loaded.config(), windows);
            List<QualityPoint> points = Tradeoff.measure(loaded.weights(), heldOut, options, this::tell);
            ObjectNode results = TradeoffJson.of(model.toString(), loaded.config(), heldOut, options, points);
            if (out != null) {
                AtomicFiles.writeString(out, JsonOutput.document(results) + "\n");
            }
            if (json) {
                console.out().println(JsonOutput.document(results));
            } else {
                print(points);
            }
        }
        return ExitCode.DONE;
    }

    private void tell(QualityPoint point) {
        console.err()
                .printf(
                        Locale.ROOT,
                        "%s %s: NLL %.4f%n",
                        point.kind().key(),
                        number("%.3g", point.setting()),
                        point.nll().mean());
    }

    private void print(List<QualityPoint> points) {
        console.out()
                .printf(
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
        console.out().printf(ROW, "", "", "", "a token", "", "", "", "mean", "mean", "a token", "a token");
        points.forEach(this::print);
        console.out().println();
        points.stream()
                .map(QualityPoint::kind)
                .distinct()
                .forEach(kind -> console.out().println(kind.key() + ": " + meaning(kind)));
        console.out().println("to full: the loss less that of full_depth, on the same tokens");
        console.out()
                .println(
                        "FLOPs are counted, not timed, with the head, which `describe` and training FLOPs leave out; unchecked:"
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
        console.out()
                .printf(
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
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, format, value);
    }
}
