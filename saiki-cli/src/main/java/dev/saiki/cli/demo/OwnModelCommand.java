package dev.saiki.cli.demo;

import dev.saiki.cli.study.StudyDisplay;
import dev.saiki.cli.terminal.ConsoleCommand;
import dev.saiki.cli.terminal.ExitCode;
import dev.saiki.cli.terminal.ShutdownListener;
import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import dev.saiki.report.HtmlReport;
import dev.saiki.report.TerminalSummary;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `saiki demo own-model`: imports and deepens a trained model, and compares it with its base and an adapter.
@Command(name = "own-model")
public final class OwnModelCommand extends ConsoleCommand {

    private static final String PAGE = "report.html";
    private static final String DEFAULT_OUT = "runs/own-model";

    @Option(names = "--minutes", paramLabel = "N")
    private double minutes = 10;

    @Option(names = "--text", paramLabel = "PATH")
    private @Nullable Path text;

    @Option(names = "--out", paramLabel = "DIR")
    private Path out = Path.of(DEFAULT_OUT);

    @Override
    protected void run() throws IOException {
        InputException.require(minutes > 0 && minutes <= 1440, "--minutes", "above 0 and at most 1440", minutes);
        Optional<OwnModelDemo.Result> result;
        try (StudyDisplay display = new StudyDisplay(console, InstantSource.system())) {
            OwnModelDemo demo = new OwnModelDemo(out, Optional.ofNullable(text), minutes, display);
            try (ShutdownListener _ = ShutdownListener.listen(demo::requestStop)) {
                result = demo.run();
            }
        }
        if (result.isEmpty()) {
            note("stopped during training; repeat the command to resume");
            return;
        }
        Path page = out.resolve(PAGE);
        AtomicFiles.writeString(page, HtmlReport.write(result.get().report()));
        PrintStream stream = console.out();
        stream.println();
        stream.print(TerminalSummary.write(result.get().report()));
        stream.println();
        stream.println("report       " + page);
        stream.println("plan         " + out.resolve(OwnModelDemo.PLAN));
        stream.println("base         " + out.resolve(OwnModelDemo.BASE));
        stream.println("deepened     " + result.get().deepened());
        stream.println("next         ./saiki serve --model " + result.get().deepened());
        stream.println("your model   docs/deepen-your-model.md");
        stream.flush();
        exit(result.get().guarantee().holds() ? ExitCode.DONE : ExitCode.FAILED);
    }
}
