package dev.saiki.cli;

import dev.saiki.eval.pilot.Pilot;
import dev.saiki.eval.pilot.PilotOptions;
import dev.saiki.eval.pilot.PilotOutcome;
import dev.saiki.eval.pilot.PilotResult;
import dev.saiki.eval.report.TerminalSummary;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `saiki pilot`: is Mixture-of-Recursions worth it on this text? The whole story on one machine.
@Command(
        name = "pilot",
        description = "Train a vanilla, a recursive and a Mixture-of-Recursions model at equal FLOPs, compare them on"
                + " held-out documents, and report. The same command in the same folder goes on after an interruption.")
final class PilotCommand implements Callable<Integer> {

    private final Console console;

    @Option(
            names = "--corpus",
            paramLabel = "PATH",
            arity = "1..*",
            description = "Files, folders or globs of text (default: the built-in corpus).")
    private List<Path> corpus = new ArrayList<>();

    @Option(
            names = "--minutes",
            paramLabel = "N",
            defaultValue = "" + PilotOptions.DEFAULT_MINUTES,
            description = "About how long it takes in all (default: ${DEFAULT-VALUE}).")
    private double minutes;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "runs/pilot",
            description = "The folder of everything it makes (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("");

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "" + PilotOptions.DEFAULT_SEED,
            description = "Decides weights, order of the text, held-out documents (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--json", description = "Print the result as one JSON object and nothing else.")
    private boolean json;

    PilotCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        PilotOptions options = new PilotOptions(corpus, minutes, out, seed);
        try (PilotDisplay display = new PilotDisplay(console, InstantSource.system())) {
            Pilot pilot = new Pilot(options, display);
            try (StopSignal _ = StopSignal.listen(pilot::requestStop)) {
                print(pilot.run());
                console.out().flush();
            }
        }
        return ExitCode.DONE;
    }

    private void print(PilotOutcome outcome) throws IOException {
        switch (outcome) {
            case PilotOutcome.Finished finished -> {
                if (json) {
                    ReportCommand.writePage(out, console);
                    console.out().print(Files.readString(finished.json()));
                } else {
                    print(finished);
                }
            }
            case PilotOutcome.Stopped stopped ->
                console.err()
                        .println("stopped during " + stopped.phase().title() + "; the same command goes on from there");
        }
    }

    private void print(PilotOutcome.Finished finished) throws IOException {
        PrintStream stream = console.out();
        PilotResult result = finished.result();
        stream.println();
        stream.print(TerminalSummary.write(ReportCommand.writePage(out, console)));
        for (PilotResult.Samples samples : result.samples()) {
            stream.println();
            stream.println("> " + samples.prompt());
            samples.continuations().forEach(this::print);
        }
        stream.println();
        stream.println("report       " + ReportCommand.page(out));
        result.models()
                .forEach(model ->
                        stream.printf(Locale.ROOT, "%-12s %s%n", model.name(), out.resolve(model.checkpoint())));
    }

    private void print(PilotResult.Continuation continuation) {
        String text = continuation.text().strip().replaceAll("\\s+", " ");
        console.out().printf(Locale.ROOT, "%-12s %s%n", continuation.model(), text);
    }
}
