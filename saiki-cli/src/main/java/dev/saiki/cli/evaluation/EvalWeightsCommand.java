package dev.saiki.cli.evaluation;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.cli.model.LoadedModel;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.cli.terminal.ResultCommand;
import dev.saiki.eval.RecordJson;
import dev.saiki.eval.weights.WeightComparison;
import dev.saiki.eval.weights.WeightResult;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `saiki eval weights`: what the number formats of `--weights` cost and save.
@Command(
        name = "weights",
        description = {
            "Compare the number formats of --weights on a text: loss, size and speed.",
            "Measured with the serving engine; run nothing else meanwhile."
        })
public final class EvalWeightsCommand extends ResultCommand {

    private static final String ROW = "%-9s %9s %9s %10s %22s %8s %8s %9s%n";

    @Option(names = "--model", paramLabel = "DIR", required = true, description = LoadedModel.FOLDER)
    private Path model = Path.of("");

    @Mixin
    private UnseenTextSource source = new UnseenTextSource();

    @Option(
            names = "--windows",
            paramLabel = "N",
            description = "Maximum number of windows to measure, each as long as the model's context.")
    private int windows = 100;

    @Override
    protected void run() throws IOException {
        InputException.requireAtLeast("--windows", windows, 1);
        CheckpointDirectory checkpoint = CheckpointDirectory.open(model);
        MeasuredText text = source.read(LoadedModel.tokenizerOf(checkpoint), model);
        WeightComparison comparison = WeightComparison.of(checkpoint, text.documents(), windows);
        List<WeightResult> results = comparison.measure(result -> note("saiki: " + result.format() + " is measured"));
        publish(RecordJson.MAPPER.writeValueAsString(results), () -> print(results));
    }

    private void print(List<WeightResult> results) {
        printf(ROW, "weights", "size", "loss", "to float32", "95 % interval", "token", "depth", "tokens/s");
        for (WeightResult result : results) {
            printf(
                    ROW,
                    result.format(),
                    NumberFormats.bytes(result.bytes()),
                    NumberFormats.text("%.4f", result.nll()),
                    NumberFormats.text("%+.4f", result.change().mean()),
                    NumberFormats.text(
                            "%+.4f to %+.4f",
                            result.change().low(), result.change().high()),
                    percent(result.otherTokens()),
                    percent(result.otherDepths()),
                    Double.isNaN(result.tokensPerSecond())
                            ? "-"
                            : NumberFormats.text("%.0f", result.tokensPerSecond()));
        }
        println("token, depth: share of positions whose likeliest token, or depth, differs from float32");
        println("tokens/s: decoding speed of a single sequence");
    }

    private static String percent(double share) {
        return NumberFormats.text("%.2f %%", 100 * share);
    }
}
