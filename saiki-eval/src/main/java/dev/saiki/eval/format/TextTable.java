package dev.saiki.eval.format;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A table as text, for a terminal or in Markdown.
///
/// @param columns the headers; the first column names the row
/// @param rows rows with one cell per column
public record TextTable(List<Column> columns, List<List<String>> rows) {

    private static final String GAP = "   ";

    private static final int FIRST_WIDE = 0x1100;

    private static final Set<Character.UnicodeBlock> WIDE = Set.of(
            Character.UnicodeBlock.HIRAGANA,
            Character.UnicodeBlock.KATAKANA,
            Character.UnicodeBlock.HANGUL_SYLLABLES,
            Character.UnicodeBlock.CJK_SYMBOLS_AND_PUNCTUATION,
            Character.UnicodeBlock.HALFWIDTH_AND_FULLWIDTH_FORMS);

    /// Copies the lists.
    public TextTable {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
    }

    /// Writes the table for a terminal, in aligned columns.
    ///
    /// @return lines, including a final line break
    public String plain() {
        List<List<String>> lines = new ArrayList<>();
        lines.add(columns.stream().map(Column::title).toList());
        lines.add(columns.stream().map(Column::unit).toList());
        lines.addAll(rows);
        int[] widths = IntStream.range(0, columns.size())
                .map(column -> lines.stream()
                        .mapToInt(line -> width(line.get(column)))
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
    /// @return lines, including a final line break
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

    /// The width of a text in terminal columns; an East Asian character takes two columns.
    private static int width(String text) {
        return text.codePoints()
                .map(character -> character >= FIRST_WIDE
                                && (Character.isIdeographic(character)
                                        || WIDE.contains(Character.UnicodeBlock.of(character)))
                        ? 2
                        : 1)
                .sum();
    }

    private static String pad(String text, int width, boolean left) {
        String space = " ".repeat(width - width(text));
        return left ? text + space : space + text;
    }
}
