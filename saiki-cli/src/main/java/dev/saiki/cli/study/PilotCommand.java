package dev.saiki.cli.study;

import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.cli.terminal.ShutdownListener;
import dev.saiki.report.Language;
import dev.saiki.report.Report;
import dev.saiki.report.TerminalSummary;
import dev.saiki.study.StudyOutcome;
import dev.saiki.study.pilot.Pilot;
import dev.saiki.study.pilot.PilotOptions;
import dev.saiki.study.results.GeneratedSamples;
import dev.saiki.study.results.StudyResults;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `saiki pilot`: tests on one machine whether Mixture-of-Recursions pays off for a text.
@Command(name = "pilot")
public final class PilotCommand extends JsonCommand {

    @Option(names = "--corpus", paramLabel = "PATH", arity = "1..*")
    private List<Path> corpus = new ArrayList<>();

    @Option(names = "--minutes", paramLabel = "N")
    private double minutes = PilotOptions.DEFAULT_MINUTES;

    @Option(names = "--out", paramLabel = "DIR")
    private Path out = Path.of("runs/pilot");

    @Option(names = "--seed", paramLabel = "N")
    private long seed = PilotOptions.DEFAULT_SEED;

    @Option(names = "--seeds", paramLabel = "N")
    private @Nullable Integer seeds;

    @Option(names = "--size", paramLabel = "NAME")
    private @Nullable String size;

    @Option(names = "--lang", paramLabel = "LANG")
    private String language = "en";

    @Override
    protected void run() throws IOException {
        Language chosen = Language.of(language);
        PilotOptions options = new PilotOptions(
                corpus,
                minutes,
                out,
                seed,
                seeds == null ? OptionalInt.empty() : OptionalInt.of(seeds),
                Optional.ofNullable(size));
        try (StudyDisplay display = new StudyDisplay(console, InstantSource.system())) {
            Pilot pilot = new Pilot(options, display);
            try (ShutdownListener _ = ShutdownListener.listen(display.announcing(pilot::requestStop))) {
                print(pilot.run(), chosen);
                console.out().flush();
            }
        }
    }

    private void print(StudyOutcome outcome, Language chosen) throws IOException {
        switch (outcome) {
            case StudyOutcome.Finished finished -> {
                Report report = ReportCommand.writePage(out, chosen, console);
                if (json) {
                    console.out().print(Files.readString(finished.json()));
                } else {
                    print(report, finished.results(), ReportCommand.page(out, chosen));
                }
            }
            case StudyOutcome.Stopped stopped ->
                note("stopped during " + stopped.during() + "; repeat the command to resume");
        }
    }

    private void print(Report report, StudyResults results, Path page) {
        PrintStream stream = console.out();
        stream.println();
        stream.print(TerminalSummary.write(report));
        stream.println();
        stream.println("report       " + page);
        stream.println("plan         " + out.resolve(Pilot.PLAN_FILE));
        Set<String> written =
                results.written().stream().map(GeneratedSamples::run).collect(Collectors.toSet());
        results.runs().stream()
                .filter(run -> written.contains(run.id()))
                .forEach(run ->
                        stream.print(NumberFormats.text("%-12s %s%n", run.family(), out.resolve(run.checkpoint()))));
    }
}
