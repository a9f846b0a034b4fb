package dev.saiki.report;

import dev.saiki.eval.format.TextTable;
import dev.saiki.report.ReportSection.Prose;
import dev.saiki.report.ReportSection.Sample;
import dev.saiki.report.ReportSection.Samples;
import dev.saiki.report.ReportSection.Table;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

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
                .ifPresent(prose -> text.append('\n').append(points(prose.points())));
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

    /// Writes all prose and all tables among some sections.
    ///
    /// @param sections the sections
    /// @return lines, including a final line break
    public static String write(List<ReportSection> sections) {
        StringBuilder text = new StringBuilder();
        for (ReportSection section : sections) {
            if (section instanceof Prose prose) {
                text.append(head(prose)).append(points(prose.points()));
            } else if (section instanceof Table table) {
                text.append(head(table)).append(new TextTable(table.columns(), table.rows()).plain());
                text.append(points(table.notes()));
            }
        }
        return text.toString().stripLeading();
    }

    private static String head(ReportSection section) {
        return "\n" + section.heading() + "\n" + section.lead() + "\n\n";
    }

    private static String points(List<String> points) {
        return points.stream().map(point -> "- " + point + "\n").collect(Collectors.joining());
    }

    private static String line(Sample sample) {
        return String.format(
                Locale.ROOT, "%-12s %s%n", sample.model(), sample.text().strip().replaceAll("\\s+", " "));
    }
}
