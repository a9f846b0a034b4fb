package dev.saiki.cli.evaluation;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.cli.model.LoadedModel;
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
@Command(name = "weights")
public final class EvalWeightsCommand extends ResultCommand {

    @Option(names = "--model", paramLabel = "DIR", required = true)
    private Path model = Path.of("");

    @Mixin
    private UnseenTextSource source = new UnseenTextSource();

    @Option(names = "--windows", paramLabel = "N")
    private int windows = 100;

    @Override
    protected void run() throws IOException {
        InputException.requireAtLeast("--windows", windows, 1);
        CheckpointDirectory checkpoint = CheckpointDirectory.open(model);
        MeasuredText text = source.read(LoadedModel.tokenizerOf(checkpoint), model);
        WeightComparison comparison = WeightComparison.of(checkpoint, text.documents(), windows);
        List<WeightResult> results = comparison.measure(result -> note("saiki: " + result.format() + " is measured"));
        publish(RecordJson.MAPPER.writeValueAsString(results), () -> new WeightTable(console.out()).print(results));
    }
}
