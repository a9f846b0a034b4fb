package dev.saiki.cli.study;

import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import dev.saiki.report.HtmlReport;
import dev.saiki.report.Language;
import dev.saiki.report.Report;
import dev.saiki.report.TerminalSummary;
import dev.saiki.report.roi.MeasuredTraffic;
import dev.saiki.report.roi.RoiAnalysis;
import dev.saiki.report.roi.RoiNumbers;
import dev.saiki.report.roi.RoiPlan;
import dev.saiki.report.roi.RoiReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `saiki roi`: the costs and savings of a change of models, computed from a plan.
@Command(name = "roi")
public final class RoiCommand extends JsonCommand {

    @Option(names = "--plan", paramLabel = "FILE", required = true)
    private Path plan = Path.of("");

    @Option(names = "--measured", paramLabel = "FILE")
    private @Nullable Path measured;

    @Option(names = "--out", paramLabel = "FILE", arity = "1..*")
    private List<Path> out = new ArrayList<>();

    @Option(
            names = {"--lang", "--language"},
            paramLabel = "LANG")
    private String language = "en";

    @Option(names = "--seed", paramLabel = "N")
    private long seed = RoiAnalysis.DEFAULT_SEED;

    @Override
    protected void run() throws IOException {
        Language chosen = Language.of(language);
        for (Path file : out) {
            if (!ending(file).matches("html|json|csv")) {
                throw InputException.of(file.toString(), "the extension", ".html, .json or .csv", file.getFileName());
            }
        }
        RoiAnalysis analysis = RoiAnalysis.of(read(), seed);
        Report report = RoiReport.of(analysis, chosen);
        for (Path file : out) {
            write(file, analysis, report);
        }
        if (json) {
            println(JsonOutput.document(RoiNumbers.json(analysis)));
        } else {
            console.out().print(TerminalSummary.write(report));
            printf("%n%s%n", report.subtitle());
        }
    }

    private RoiPlan read() {
        return measured == null ? RoiPlan.read(plan) : RoiPlan.read(plan, MeasuredTraffic.read(measured));
    }

    private static void write(Path file, RoiAnalysis analysis, Report report) throws IOException {
        switch (ending(file)) {
            case "html" -> AtomicFiles.writeString(file, HtmlReport.write(report));
            case "json" -> AtomicFiles.writeString(file, JsonOutput.document(RoiNumbers.json(analysis)) + "\n");
            default -> AtomicFiles.writeString(file, RoiNumbers.csv(analysis));
        }
    }

    private static String ending(Path file) {
        String name = file.toString().toLowerCase(Locale.ROOT);
        return name.substring(name.lastIndexOf('.') + 1);
    }
}
