package dev.saiki.cli.study;

import dev.saiki.cli.terminal.Console;
import dev.saiki.cli.terminal.ConsoleCommand;
import dev.saiki.io.AtomicFiles;
import dev.saiki.report.HtmlReport;
import dev.saiki.report.JsonReport;
import dev.saiki.report.Language;
import dev.saiki.report.MarkdownReport;
import dev.saiki.report.Report;
import dev.saiki.report.findings.ReportInput;
import dev.saiki.report.findings.ReportOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `saiki report`: the results of a pilot, a training or a study, on one page.
@Command(name = "report")
public final class ReportCommand extends ConsoleCommand {

    /// The name of a report without its extension.
    private static final String NAME = "report";

    /// An output format of reports.
    private enum Format {
        HTML("html", HtmlReport::write),
        JSON("json", JsonReport::write),
        MARKDOWN("md", MarkdownReport::write);

        private final String ending;

        @SuppressWarnings("ImmutableEnumChecker") // A reference to a static method.
        private final Function<Report, String> writer;

        Format(String ending, Function<Report, String> writer) {
            this.ending = ending;
            this.writer = writer;
        }
    }

    @Option(names = "--run", paramLabel = "DIR", required = true)
    private Path run = Path.of("");

    @Option(names = "--with", paramLabel = "FILE", arity = "1..*")
    private List<Path> with = new ArrayList<>();

    @Option(names = "--lang", paramLabel = "LANG")
    private String language = "en";

    @Option(names = "--format", paramLabel = "FORMAT")
    private Format format = Format.HTML;

    @Option(names = "--price", paramLabel = "N")
    private double price = ReportOptions.DEFAULT_PRICE;

    @Option(names = "--no-inspection")
    private boolean noInspection;

    @Option(names = "--out", paramLabel = "FILE")
    private @Nullable Path out;

    @Override
    protected void run() throws IOException {
        ReportOptions options = new ReportOptions(Language.of(language), price);
        Path file = out == null ? run.resolve(name(options.language(), format)) : out;
        ReportInput material = ReportInput.read(run, with, !noInspection, warning -> note(warning));
        Report report = material.report(options);
        AtomicFiles.writeString(file, format.writer.apply(report));
        println(report.answer());
        report.explanation().forEach(sentence -> println(sentence));
        printf("%nreport       %s%n", file);
    }

    private static String name(Language language, Format format) {
        return NAME + (language == Language.ENGLISH ? "" : "." + language.tag()) + "." + format.ending;
    }

    /// Writes the page of a pilot or a study into its folder.
    ///
    /// @param folder the folder
    /// @param language the language of the page
    /// @param console the console for warnings
    /// @return the content of the page
    static Report writePage(Path folder, Language language, Console console) throws IOException {
        Report report = ReportInput.read(
                        folder, List.of(), true, warning -> console.err().println(warning))
                .report(new ReportOptions(language, ReportOptions.DEFAULT_PRICE));
        AtomicFiles.writeString(page(folder, language), HtmlReport.write(report));
        return report;
    }

    /// The path of the file written by {@link #writePage}.
    static Path page(Path folder, Language language) {
        return folder.resolve(name(language, Format.HTML));
    }
}
