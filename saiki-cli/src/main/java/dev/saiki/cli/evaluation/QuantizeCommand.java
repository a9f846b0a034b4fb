package dev.saiki.cli.evaluation;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.cli.model.LoadedModel;
import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.cli.terminal.OutputPaths;
import dev.saiki.engine.settings.WeightFormat;
import dev.saiki.eval.RecordJson;
import dev.saiki.eval.weights.Quantizer;
import dev.saiki.eval.weights.WeightComparison;
import dev.saiki.eval.weights.WeightComparison.Variant;
import dev.saiki.eval.weights.WeightResult;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// `saiki quantize`: stores a model's weights in eight, six or four bits.
@Command(name = "quantize")
public final class QuantizeCommand extends JsonCommand {

    @Option(names = "--model", paramLabel = "DIR", required = true)
    private Path model = Path.of("");

    @Option(names = "--weights", paramLabel = "FORMAT")
    private WeightFormat weights = WeightFormat.INT4;

    @Mixin
    private UnseenTextSource source = new UnseenTextSource();

    @Option(names = "--windows", paramLabel = "N")
    private int windows = 100;

    @Option(names = "--out", paramLabel = "DIR", required = true)
    private Path out = Path.of("");

    @Override
    protected void run() throws IOException {
        InputException.requireAtLeast("--windows", windows, 1);
        StoredType type = weights.blocks()
                .orElseThrow(() -> InputException.of("--weights", "the format", "int8, int6 or int4", weights.key()));
        OutputPaths.requireNewOrEmpty(out);
        CheckpointDirectory checkpoint = CheckpointDirectory.open(model);
        OutputPaths.requireOutside(out, model);
        List<int[]> text =
                source.read(LoadedModel.tokenizerOf(checkpoint), model).documents();
        List<int[]> all = WeightComparison.of(checkpoint, text, 2 * windows).windows();
        if (all.size() < 2) {
            throw new InputException(
                    "the text must have at least two pieces of at least two tokens, one to calibrate with"
                            + " and one to measure, got " + all.size() + "; give more text");
        }
        WeightComparison measured = new WeightComparison(checkpoint, everyOther(all, 1));
        try (Arena arena = Arena.ofShared()) {
            Quantizer quantizer = new Quantizer(checkpoint, type, everyOther(all, 0));
            checkpoint.writeChanged(
                    out,
                    checkpoint.config(),
                    quantizer.round(arena, name -> note("saiki: " + name + " is rounded")),
                    checkpoint.manifest().orElseGet(Manifest::untrained));
        }
        List<WeightResult> results = measured.measure(
                List.of(
                        new Variant(WeightFormat.FLOAT32.key(), checkpoint, WeightFormat.FLOAT32),
                        new Variant("plain " + weights.key(), checkpoint, weights),
                        new Variant(weights.key(), CheckpointDirectory.open(out), weights)),
                result -> note("saiki: " + result.format() + " is measured"));
        ObjectNode json = JsonOutput.object().put("out", out.toString());
        json.set("measured", RecordJson.MAPPER.valueToTree(results));
        print(json, () -> {
            new WeightTable(console.out()).print(results);
            println("quantized model in " + out);
        });
    }

    private static List<int[]> everyOther(List<int[]> all, int first) {
        return IntStream.range(0, all.size())
                .filter(i -> i % 2 == first)
                .mapToObj(all::get)
                .toList();
    }
}
