package dev.saiki.cli.certificate;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.cli.model.CertificateText;
import dev.saiki.cli.terminal.ExitCode;
import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.io.InputException;
import java.nio.file.Path;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// `saiki certify check`: whether the certificate of a deepened model's first pass still holds.
@Command(name = "check")
public final class CertifyCheckCommand extends JsonCommand {

    @Option(names = "--model", paramLabel = "DIR", required = true)
    private Path model = Path.of("");

    @Option(names = "--max-loss", paramLabel = "NATS")
    private @Nullable Double maxLoss;

    @Override
    protected void run() {
        CheckpointDirectory checkpoint = CheckpointDirectory.open(model);
        CertificateText text = CertificateText.of(checkpoint)
                .orElseThrow(() -> new InputException(checkpoint.path() + ": has no certificate; only models that"
                        + " `saiki train --init-from` deepened have one"));
        OptionalDouble most = text.maxLoss();
        boolean isTooMuch = maxLoss != null && most.isPresent() && most.getAsDouble() > maxLoss;
        ObjectNode result = text.json();
        if (maxLoss != null) {
            result.put("max_loss", maxLoss).put("within_max_loss", most.isPresent() && !isTooMuch);
        }
        print(result, () -> {
            row("one pass", text.line());
            text.loss().ifPresent(loss -> row("loss", loss));
            if (isTooMuch) {
                row("", NumberFormats.text("the upper bound %+.4f exceeds --max-loss %s", most.getAsDouble(), maxLoss));
            }
        });
        exit(text.holds() && !isTooMuch ? ExitCode.DONE : ExitCode.FAILED);
    }
}
