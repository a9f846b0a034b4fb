package dev.saiki.eval.format;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A table as text, for a terminal or in Markdown.
///
/// @param columns heads of the columns; the first one names the row
/// @param rows cells, as many as columns
public record TextTable(List<Column> columns, List<List<String>> rows) {

    private static final String GAP = "   ";

    /// Keeps its own copies of the lists.
    public TextTable {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
    }

    /// Writes the table for a terminal.
    ///
    /// @return lines of equal width, the last one ended too
    public String plain() {
        List<List<String>> lines = new ArrayList<>();
        lines.add(columns.stream().map(Column::title).toList());
        lines.add(columns.stream().map(Column::unit).toList());
        lines.addAll(rows);
        int[] widths = IntStream.range(0, columns.size())
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

    /// Writes the table as Markdown.
    ///
    /// @return lines, the last one ended too
    public String markdown() {
        StringBuilder text = new StringBuilder();
        text.append(columns.stream()
                .map(column -> column.title() + (column.unit().isEmpty() ? "" : " (" + column.unit() + ")"))
                .collect(Collectors.joining(" | ", "| ", " |\n")));
        text.append("| --- |").append(" ---: |".repeat(columns.size() - 1)).append('\n');
        for (List<String> row : rows) {
            text.append(row.stream().collect(Collectors.joining(" | ", "| ", " |\n")));
        }
        return text.toString();
    }

    private static String pad(String text, int width, boolean left) {
        String space = " ".repeat(width - text.length());
        return left ? text + space : space + text;
    }
}
