package dev.saiki.report;

import dev.saiki.eval.format.TextTable;
import dev.saiki.report.ReportSection.Prose;
import dev.saiki.report.ReportSection.Sample;
import dev.saiki.report.ReportSection.Samples;
import dev.saiki.report.ReportSection.Table;
import java.util.Locale;

/// The part of a report that fits a terminal: its first table, its answer and explanation, its first list of
/// points, and its samples.
public final class TerminalSummary {

    private TerminalSummary() {}

    /// Writes a summary.
    ///
    /// @param report the report
    /// @return lines, including a final line break
    public static String write(Report report) {
        StringBuilder text = new StringBuilder();
        report.sections().stream()
                .filter(Table.class::isInstance)
                .map(Table.class::cast)
                .findFirst()
                .ifPresent(table -> text.append(new TextTable(table.columns(), table.rows()).plain())
                        .append('\n'));
        text.append(report.answer()).append('\n');
        report.explanation().forEach(sentence -> text.append(sentence).append('\n'));
        report.sections().stream()
                .filter(Prose.class::isInstance)
                .map(Prose.class::cast)
                .findFirst()
                .ifPresent(prose -> {
                    text.append('\n');
                    prose.points()
                            .forEach(point -> text.append("- ").append(point).append('\n'));
                });
        report.sections().stream()
                .filter(Samples.class::isInstance)
                .map(Samples.class::cast)
                .flatMap(samples -> samples.prompts().stream())
                .forEach(prompt -> {
                    text.append("\n> ").append(prompt.prompt()).append('\n');
                    prompt.samples().forEach(sample -> text.append(line(sample)));
                });
        return text.toString();
    }

    private static String line(Sample sample) {
        return String.format(
                Locale.ROOT, "%-12s %s%n", sample.model(), sample.text().strip().replaceAll("\\s+", " "));
    }
}
