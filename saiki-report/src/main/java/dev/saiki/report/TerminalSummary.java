package dev.saiki.report;

import dev.saiki.eval.format.TextTable;
import dev.saiki.report.ReportSection.Prose;
import dev.saiki.report.ReportSection.Table;

/// The part of a report that fits a terminal: its first table, the answer, and its first points.
public final class TerminalSummary {

    private TerminalSummary() {}

    /// Writes a summary.
    ///
    /// @param report the report
    /// @return lines, the last one ended too
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
        return text.toString();
    }
}
