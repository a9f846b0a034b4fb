package dev.saiki.cli.model;

import dev.saiki.checkpoint.BaseModel;
import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.accounting.Accounting;
import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.cli.terminal.OutputPaths;
import dev.saiki.io.InputException;
import dev.saiki.model.shrink.LayerTying;
import dev.saiki.model.shrink.ShrinkOptions;
import dev.saiki.model.shrink.ShrunkModel;
import dev.saiki.model.shrink.StepLoss;
import dev.saiki.model.shrink.Tying;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `saiki shrink`: ties a model's layers into a block that is applied several times.
@Command(name = "shrink")
public final class ShrinkCommand extends JsonCommand {

    private static final String FULL = "full";

    @Option(names = "--model", paramLabel = "DIR", required = true)
    private Path model = Path.of("");

    @Option(names = "--recursions", paramLabel = "N", required = true)
    private int recursions;

    @Option(names = "--entry-layers", paramLabel = "N")
    private int entryLayers = 1;

    @Option(names = "--exit-layers", paramLabel = "N")
    private int exitLayers = 1;

    @Option(names = "--tie", paramLabel = "RULE")
    private Tying tying = Tying.LOWER;

    @Option(names = "--rank", paramLabel = "R")
    private String rank = "0";

    @Option(names = "--out", paramLabel = "DIR", required = true)
    private Path out = Path.of("");

    @Override
    protected void run() throws IOException {
        OutputPaths.requireNewOrEmpty(out);
        ShrinkOptions options = new ShrinkOptions(recursions, entryLayers, exitLayers, tying, rank());
        CheckpointDirectory base = CheckpointDirectory.open(model);
        OutputPaths.requireOutside(out, model);
        ShrunkModel shrunk = LayerTying.of(base, options);
        CheckpointDirectory.write(
                out,
                shrunk.config(),
                shrunk.tensors(),
                files(base),
                Manifest.untrained().withBase(Optional.of(BaseModel.of(base))));
        print(describe(base, shrunk), summary(base, shrunk));
    }

    /// The base's files, other than its tensors, that stay valid for any shape of the model.
    private static SequencedMap<String, byte[]> files(CheckpointDirectory base) throws IOException {
        SequencedMap<String, byte[]> files = new LinkedHashMap<>(base.companions());
        if (base.hasTokenizer()) {
            Path tokenizer = base.tokenizer();
            files.put(String.valueOf(tokenizer.getFileName()), Files.readAllBytes(tokenizer));
        }
        return files;
    }

    private int rank() {
        if (rank.equals(FULL)) {
            return ShrinkOptions.FULL_RANK;
        }
        try {
            return Integer.parseInt(rank);
        } catch (NumberFormatException _) {
            throw new InputException("--rank must be a number, or " + FULL + ", got " + rank);
        }
    }

    private static long parameters(CheckpointDirectory checkpoint) {
        return Accounting.of(checkpoint.config()).totalParameters();
    }

    private String summary(CheckpointDirectory base, ShrunkModel shrunk) {
        StringBuilder text = new StringBuilder();
        text.append("%s: %,d parameters, %,d before\n"
                .formatted(out, Accounting.of(shrunk.config()).totalParameters(), parameters(base)));
        for (StepLoss loss : shrunk.losses()) {
            text.append("step %d: relative error of the shared weights %.4f, with updates %.2g\n"
                    .formatted(loss.step(), loss.tied(), loss.left()));
        }
        if (shrunk.losses().stream().anyMatch(loss -> loss.tied() > 1)) {
            text.append("a relative error above 1 is worse than weights of zero: the layers have little in common\n");
        }
        return text.toString().stripTrailing();
    }

    private ObjectNode describe(CheckpointDirectory base, ShrunkModel shrunk) {
        ObjectNode result = JsonOutput.object();
        result.put("out", out.toString());
        result.put("tie", tying.name().toLowerCase(Locale.ROOT));
        result.put("parameters", Accounting.of(shrunk.config()).totalParameters());
        result.put("parameters_before", parameters(base));
        ArrayNode steps = result.putArray("steps");
        for (StepLoss loss : shrunk.losses()) {
            steps.addObject()
                    .put("step", loss.step())
                    .put("tied_loss", loss.tied())
                    .put("left", loss.left());
        }
        return result;
    }
}
