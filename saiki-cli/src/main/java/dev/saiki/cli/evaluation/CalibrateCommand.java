package dev.saiki.cli.evaluation;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.provenance.Provenance;
import dev.saiki.cli.model.LoadedModel;
import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.cli.terminal.OutputPaths;
import dev.saiki.cli.terminal.ProgressLines;
import dev.saiki.eval.calibration.CalibratedModel;
import dev.saiki.eval.calibration.CalibrationText;
import dev.saiki.eval.calibration.Calibrator;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `saiki calibrate`: refits a model's thresholds to the requested shares on a text.
@Command(name = "calibrate")
public final class CalibrateCommand extends JsonCommand {

    @Option(names = "--model", paramLabel = "DIR", required = true)
    private Path model = Path.of("");

    @Mixin
    private TextSource source = new TextSource();

    @Option(names = "--shares", paramLabel = "S", split = ",")
    private List<Double> shares = new ArrayList<>();

    @Option(
            names = "--tokens",
            paramLabel = "N",
            description = "Maximum number of tokens to read, spread evenly over the text; at least "
                    + CalibrationText.MIN_TOKENS + ".")
    private int tokens = CalibrationText.DEFAULT_MAX_TOKENS;

    @Option(names = "--out", paramLabel = "DIR", required = true)
    private Path out = Path.of("");

    @Override
    protected void run() throws IOException {
        OutputPaths.requireNewOrEmpty(out);
        CheckpointDirectory checkpoint = CheckpointDirectory.open(model);
        OutputPaths.requireOutside(out, model);
        Tokenizer tokenizer = LoadedModel.tokenizerOf(checkpoint);
        Calibrator calibrator = new Calibrator(checkpoint, tokenizer, shares);
        CalibrationText text = text(tokenizer, checkpoint);
        CalibratedModel calibrated = calibrator.calibrate(text, InstantSource.system(), new Progress());
        Manifest manifest = checkpoint
                .manifest()
                .orElseGet(Manifest::untrained)
                .with(calibrated.calibration(), calibrated.depthShares());
        checkpoint.writeChanged(out, calibrated.config(), calibrated.replaced(), manifest);
        print(Provenance.json(calibrated.calibration()).put("out", out.toString()), () -> {
            new CalibrationTable(console.out()).print(calibrated.calibration());
            println("calibrated model in " + out);
        });
        calibrated
                .missed()
                .forEach(step -> note(NumberFormats.text(
                        "warning: %s takes %.3f of the previous step's tokens instead of %.3f: the router gives many"
                                + " tokens the same score, or the parts of the text for fitting and measuring differ",
                        CalibrationTable.where(step), step.shareAfter(), step.asked())));
    }

    /// Shows the current step and the estimated remaining time on standard error.
    private final class Progress implements Calibrator.Listener {

        private final ProgressLines lines = new ProgressLines(console.err(), InstantSource.system());

        @Override
        public void onPart(String line) {
            note(line);
        }

        @Override
        public void onWindows(long done, long total) {
            lines.update("calibrating", done, total, "windows read");
        }
    }

    private CalibrationText text(Tokenizer tokenizer, CheckpointDirectory checkpoint) {
        MeasuredText text = source.read(tokenizer, model);
        return CalibrationText.of(text.name(), text.documents(), tokenizer, checkpoint.config(), tokens);
    }
}
