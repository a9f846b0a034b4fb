package dev.saiki.cli.certificate;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.provenance.OnePassDifference;
import dev.saiki.checkpoint.provenance.Provenance;
import dev.saiki.cli.evaluation.MeasuredText;
import dev.saiki.cli.evaluation.TextSource;
import dev.saiki.cli.model.CertificateText;
import dev.saiki.cli.model.LoadedModel;
import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.cli.terminal.ProgressLines;
import dev.saiki.eval.Interval;
import dev.saiki.eval.RecordJson;
import dev.saiki.eval.certificate.OnePassMeasurement;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `saiki certify base`: compares the loss of a deepened model's single pass with the loss of its base, if
/// training changed that pass.
@Command(name = "base")
public final class CertifyBaseCommand extends JsonCommand {

    @Option(names = "--model", paramLabel = "DIR", required = true)
    private Path model = Path.of("");

    @Option(names = "--base", paramLabel = "DIR", required = true)
    private Path base = Path.of("");

    @Mixin
    private TextSource source = new TextSource();

    @Option(names = "--efforts", paramLabel = "E", split = ",")
    private List<Double> efforts = new ArrayList<>();

    @Override
    protected void run() throws IOException {
        CheckpointDirectory checkpoint = CheckpointDirectory.open(model);
        for (double effort : efforts) {
            LoadedModel.requireEffort(effort, checkpoint.config());
        }
        Tokenizer tokenizer = LoadedModel.tokenizerOf(checkpoint);
        MeasuredText text = source.read(tokenizer, model);
        ProgressLines progress = new ProgressLines(console.err(), InstantSource.system());
        OnePassMeasurement measurement = new OnePassMeasurement(
                checkpoint,
                CheckpointDirectory.open(base),
                new OnePassMeasurement.Text(text.name(), text.documents(), tokenizer),
                (reader, tokens, total) -> progress.update(reader, tokens, total, "tokens scored"));
        ObjectNode result = JsonOutput.object();
        // A model whose single pass equals its base bit for bit has a certificate already, but its losses at
        // further efforts can still be measured.
        if (efforts.isEmpty() || !measurement.isTheBase()) {
            OnePassDifference difference = measurement.ofOnePass(InstantSource.system());
            checkpoint.changeManifest(before -> before.with(difference));
            result = Provenance.json(difference);
        }
        if (!json) {
            CertificateText.of(CheckpointDirectory.open(checkpoint.path()))
                    .ifPresent(certificate -> row("one pass", certificate.line()));
        }
        ArrayNode settings = result.putArray("efforts");
        for (double effort : efforts) {
            add(settings, effort, measurement.atEffort(effort));
        }
        if (json) {
            println(JsonOutput.document(result));
        }
    }

    private void add(ArrayNode settings, double effort, OnePassMeasurement.Loss measured) {
        Interval difference = measured.difference();
        settings.addObject().put("effort", effort).setAll((ObjectNode) RecordJson.MAPPER.valueToTree(measured));
        if (!json) {
            row(
                    "effort " + effort,
                    NumberFormats.text(
                            "loss %.4f nats per token at mean depth %.2f: %+.4f against the base (95%% interval %+.4f"
                                    + " to %+.4f)",
                            measured.loss(),
                            measured.meanDepth(),
                            difference.mean(),
                            difference.low(),
                            difference.high()));
        }
    }
}
