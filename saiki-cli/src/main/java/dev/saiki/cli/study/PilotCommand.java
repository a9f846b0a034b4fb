package dev.saiki.cli.study;

import dev.saiki.cli.terminal.Console;
import dev.saiki.cli.terminal.ExitCode;
import dev.saiki.cli.terminal.ShutdownListener;
import dev.saiki.report.TerminalSummary;
import dev.saiki.study.StudyOutcome;
import dev.saiki.study.pilot.Pilot;
import dev.saiki.study.pilot.PilotOptions;
import dev.saiki.study.results.GeneratedSamples;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyResults;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `saiki pilot`: is Mixture-of-Recursions worth it on this text? The whole story on one machine.
@Command(
        name = "pilot",
        description = {
            "Find out on your own text whether a Mixture-of-Recursions model beats five simpler ones.",
            "Trains all six at equal FLOPs, compares them on held-out documents, and writes a report. The "
                    + "same command in the same folder continues after an interruption."
        })
public final class PilotCommand implements Callable<Integer> {

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
            description = "Decides weights and the order of the text (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            description = "Trainings of each model (default: 1, from 30 minutes on 3; fewer than 3 give no judgement).")
    private @Nullable Integer seeds;

    @Option(
            names = "--size",
            paramLabel = "NAME",
            description = "Size of the models: d64, d96, d128, d192, d256, d384 or d512 (default: the one that fits the"
                    + " minutes on this machine).")
    private @Nullable String size;

    @Option(names = "--json", description = "Print the result as one JSON object and nothing else.")
    private boolean json;

    public PilotCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        PilotOptions options = new PilotOptions(
                corpus,
                minutes,
                out,
                seed,
                seeds == null ? OptionalInt.empty() : OptionalInt.of(seeds),
                Optional.ofNullable(size));
        try (StudyDisplay display = new StudyDisplay(console, InstantSource.system())) {
            Pilot pilot = new Pilot(options, display);
            try (ShutdownListener _ = ShutdownListener.listen(pilot::requestStop)) {
                print(pilot.run());
                console.out().flush();
            }
        }
        return ExitCode.DONE;
    }

    private void print(StudyOutcome outcome) throws IOException {
        switch (outcome) {
            case StudyOutcome.Finished finished -> {
                if (json) {
                    ReportCommand.writePage(out, console);
                    console.out().print(Files.readString(finished.json()));
                } else {
                    print(finished.results());
                }
            }
            case StudyOutcome.Stopped stopped ->
                console.err().println("stopped during " + stopped.during() + "; the same command goes on from there");
        }
    }

    private void print(StudyResults results) throws IOException {
        PrintStream stream = console.out();
        stream.println();
        stream.print(TerminalSummary.write(ReportCommand.writePage(out, console)));
        Map<String, RunResult> runs = new HashMap<>();
        results.runs().forEach(run -> runs.put(run.id(), run));
        int prompts = results.written().isEmpty()
                ? 0
                : results.written().getFirst().samples().size();
        for (int i = 0; i < prompts; i++) {
            stream.println();
            stream.println("> " + results.written().getFirst().samples().get(i).prompt());
            for (GeneratedSamples written : results.written()) {
                String text = written.samples().get(i).text().strip().replaceAll("\\s+", " ");
                stream.printf(Locale.ROOT, "%-12s %s%n", family(runs, written), text);
            }
        }
        stream.println();
        stream.println("report       " + ReportCommand.page(out));
        stream.println("plan         " + out.resolve(Pilot.PLAN_FILE));
        results.written().stream()
                .map(written -> Objects.requireNonNull(runs.get(written.run())))
                .forEach(run -> stream.printf(Locale.ROOT, "%-12s %s%n", run.family(), out.resolve(run.checkpoint())));
    }

    private static String family(Map<String, RunResult> runs, GeneratedSamples written) {
        return Objects.requireNonNull(runs.get(written.run())).family();
    }
}
