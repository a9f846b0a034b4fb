package dev.saiki.eval.report;

import dev.saiki.eval.report.ReportSection.Column;
import dev.saiki.eval.report.ReportSection.Prose;
import dev.saiki.eval.report.ReportSection.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// What of a report fits a terminal: its first table, the answer, and its first points.
public final class TerminalSummary {

    private static final String GAP = "   ";

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
                .ifPresent(table -> text.append(plain(table)).append('\n'));
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

    /// Writes a table with columns of equal width.
    static String plain(Table table) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(table.columns().stream().map(Column::title).toList());
        lines.add(table.columns().stream().map(Column::unit).toList());
        lines.addAll(table.rows());
        int[] widths = IntStream.range(0, table.columns().size())
                .map(column -> lines.stream()
                        .mapToInt(line -> line.get(column).length())
                        .max()
                        .orElse(0))
                .toArray();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < lines.size(); i++) {
            List<String> line = lines.get(i);
            text.append(IntStream.range(0, widths.length)
                            .mapToObj(column -> pad(line.get(column), widths[column], column == 0))
                            .collect(Collectors.joining(GAP))
                            .stripTrailing())
                    .append('\n');
            if (i == 1) {
                int width = IntStream.of(widths).sum() + GAP.length() * (widths.length - 1);
                text.append("-".repeat(width)).append('\n');
            }
        }
        return text.toString();
    }

    private static String pad(String text, int width, boolean left) {
        String space = " ".repeat(width - text.length());
        return left ? text + space : space + text;
    }
}
