package dev.saiki.cli.demo;

import dev.saiki.cli.terminal.Console;
import dev.saiki.cli.terminal.ExitCode;
import dev.saiki.cli.terminal.ShutdownListener;
import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import dev.saiki.report.HtmlReport;
import dev.saiki.report.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `saiki demo own-model`: a trained model is brought in, deepened, and measured against itself.
@Command(
        name = "own-model",
        description =
                "Bring in a small trained model (stories260K, which comes with Saiki), verify it, deepen it on text"
                        + " beside an adapter of as many parameters, and show the dial, the certificate and a page of before and after. The same command in the"
                        + " same folder goes on after an interruption.")
public final class OwnModelCommand implements Callable<Integer> {

    private static final String PAGE = "report.html";
    private static final String DEFAULT_OUT = "runs/own-model";

    private final Console console;

    @Option(
            names = "--minutes",
            paramLabel = "N",
            defaultValue = "10",
            description = "About how long it takes in all (default: ${DEFAULT-VALUE}).")
    private double minutes;

    @Option(
            names = "--text",
            paramLabel = "FOLDER",
            description = "Text of your own, a file, a folder or a glob (default: the built-in corpus).")
    private @Nullable Path text;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = DEFAULT_OUT,
            description = "The folder of everything it makes (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("");

    public OwnModelCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (!(minutes > 0 && minutes <= 1440)) {
            throw new InputException("--minutes must be above 0 and at most 1440, got " + minutes);
        }
        OwnModelDemo demo = new OwnModelDemo(out, Optional.ofNullable(text), minutes, console);
        Optional<OwnModelFindings> findings;
        try (ShutdownListener _ = ShutdownListener.listen(demo::requestStop)) {
            findings = demo.run();
        }
        if (findings.isEmpty()) {
            console.err().println("stopped during training; the same command goes on from there");
            return ExitCode.DONE;
        }
        Path page = out.resolve(PAGE);
        Report report = OwnModelPage.of(findings.get(), out);
        AtomicFiles.writeString(page, HtmlReport.write(report));
        print(findings.get(), report, page);
        return findings.get().isOnePassTheBase() ? ExitCode.DONE : ExitCode.FAILED;
    }

    private void print(OwnModelFindings findings, Report report, Path page) {
        console.out().println();
        console.out().println(report.answer());
        report.explanation().forEach(sentence -> console.out().println(sentence));
        console.out().println();
        OwnModelPage.lines(findings).forEach(line -> console.out().println(line));
        console.out().println();
        console.out().println("report       " + page);
        console.out().println("base         " + out.resolve(OwnModelDemo.BASE));
        console.out().println("deepened     " + out.resolve(OwnModelDemo.DEEPENED));
        console.out().println("adapter      " + out.resolve(OwnModelDemo.ADAPTER));
        console.out().println("next         ./saiki serve --model " + out.resolve(OwnModelDemo.DEEPENED));
        console.out().println("your model   docs/deepen-your-model.md");
        console.out().flush();
    }
}
