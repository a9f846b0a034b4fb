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
@Command(
        name = "base",
        description = {
            "Measure how far a deepened model's first pass is from its base model.",
            "Needed only if training changed tensors that the first pass uses. Measures the difference in loss on"
                    + " your text, with its interval, paired by document, and saves both in the manifest."
        })
public final class CertifyBaseCommand extends JsonCommand {

    @Option(names = "--model", paramLabel = "DIR", required = true, description = LoadedModel.FOLDER)
    private Path model = Path.of("");

    @Option(
            names = "--base",
            paramLabel = "DIR",
            required = true,
            description = "The base: the model from which --model was deepened.")
    private Path base = Path.of("");

    @Mixin
    private TextSource source = new TextSource();

    @Option(
            names = "--efforts",
            paramLabel = "E",
            split = ",",
            description = "Further efforts at which to measure the loss; the results are printed, not certified.")
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
