package dev.saiki.eval.pilot;

import dev.saiki.eval.pilot.PilotResult.Model;
import dev.saiki.eval.report.Numbers;
import dev.saiki.eval.report.ReportSection.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The numbers of a pilot as a table.
public final class PilotTable {

    private static final String NONE = "–";
    private static final String GAP = "   ";

    private PilotTable() {}

    /// Returns the heads of the columns; the first one names the row.
    ///
    /// @return titles with units
    public static List<Column> columns() {
        return List.of(
                new Column("Model", ""),
                new Column("NLL", "nats/token"),
                new Column("± SE", ""),
                new Column("Bits", "per byte"),
                new Column("Mean depth", "recursions"),
                new Column("FLOPs", "per token"),
                new Column("Cache", "bytes/token"),
                new Column("Parameters", "non-embedding"),
                new Column("Trained on", "tokens"),
                new Column("Training", "minutes"));
    }

    /// Returns the rows: the three models and the unigram model.
    ///
    /// @param result a pilot's result
    /// @return cells, as many as columns
    public static List<List<String>> rows(PilotResult result) {
        List<List<String>> rows = new ArrayList<>();
        for (Model model : result.models()) {
            rows.add(List.of(
                    model.name(),
                    Numbers.fixed(model.nll(), 3),
                    Numbers.fixed(model.nllStandardError(), 3),
                    Numbers.fixed(model.bitsPerByte(), 3),
                    Numbers.fixed(model.meanDepth(), 2),
                    Numbers.metric(model.flopsPerToken()),
                    Numbers.fixed(model.cacheBytesPerToken(), 0),
                    Numbers.metric(model.nonEmbeddingParameters()),
                    Numbers.metric(model.trainingTokens()),
                    Numbers.fixed(model.trainingSeconds() / 60, 1)));
        }
        rows.add(List.of(
                "unigram",
                Numbers.fixed(result.unigram().nll(), 3),
                Numbers.fixed(result.unigram().nllStandardError(), 3),
                Numbers.fixed(result.unigram().bitsPerByte(), 3),
                NONE,
                NONE,
                NONE,
                NONE,
                NONE,
                NONE));
        return rows;
    }

    /// Writes the table for a terminal.
    ///
    /// @param result a pilot's result
    /// @return lines of equal width, the last one ended too
    public static String plain(PilotResult result) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(columns().stream().map(Column::title).toList());
        lines.add(columns().stream().map(Column::unit).toList());
        lines.addAll(rows(result));
        int[] widths = IntStream.range(0, columns().size())
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
    /// @param result a pilot's result
    /// @return lines, the last one ended too
    public static String markdown(PilotResult result) {
        StringBuilder text = new StringBuilder();
        text.append(columns().stream()
                .map(column -> column.title() + (column.unit().isEmpty() ? "" : " (" + column.unit() + ")"))
                .collect(Collectors.joining(" | ", "| ", " |\n")));
        text.append("| --- |").append(" ---: |".repeat(columns().size() - 1)).append('\n');
        for (List<String> row : rows(result)) {
            text.append(row.stream().collect(Collectors.joining(" | ", "| ", " |\n")));
        }
        return text.toString();
    }

    private static String pad(String text, int width, boolean left) {
        String space = " ".repeat(width - text.length());
        return left ? text + space : space + text;
    }
}
