package dev.saiki.cli.study;

import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.ShutdownListener;
import dev.saiki.report.Language;
import dev.saiki.report.Report;
import dev.saiki.report.TerminalSummary;
import dev.saiki.study.Study;
import dev.saiki.study.StudyEstimate;
import dev.saiki.study.StudyOutcome;
import dev.saiki.study.plan.StudyPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `saiki study`: a grid of trainings and evaluations, defined by a plan.
@Command(name = "study")
public final class StudyCommand extends JsonCommand {

    @Option(names = "--plan", paramLabel = "FILE", required = true)
    private Path planFile = Path.of("");

    @Option(names = "--out", paramLabel = "DIR", required = true)
    private Path out = Path.of("");

    @Option(names = "--dry-run")
    private boolean dryRun;

    @Option(names = "--lang", paramLabel = "LANG")
    private String language = "en";

    @Override
    protected void run() throws IOException {
        Language chosen = Language.of(language);
        try (StudyDisplay display = new StudyDisplay(console, InstantSource.system())) {
            if (dryRun) {
                StudyPlan plan = StudyPlan.read(planFile);
                StudyEstimate estimate = StudyEstimate.of(plan, out, display);
                console.out().print(EstimateTable.plain(estimate, plan.evaluation()));
                console.out().flush();
                return;
            }
            Study study = Study.of(planFile, out, display);
            try (ShutdownListener _ = ShutdownListener.listen(display.announcing(study::requestStop))) {
                print(study.run(), chosen);
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
                    console.out().print(TerminalSummary.write(report));
                    println("");
                    println("report       " + ReportCommand.page(out, chosen));
                    println("results      " + finished.json());
                }
            }
            case StudyOutcome.Stopped stopped ->
                note("stopped during " + stopped.during() + " with " + stopped.finishedRuns() + " of "
                        + stopped.plannedRuns() + " runs done; repeat the command to resume");
        }
    }
}
