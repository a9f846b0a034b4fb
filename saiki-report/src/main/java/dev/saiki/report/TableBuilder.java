package dev.saiki.report;

import dev.saiki.eval.format.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// A builder of a table. Each column has a header from the messages and a function that writes its cells.
///
/// @param <R> the subject of a row
public final class TableBuilder<R> {

    private final Messages messages;
    private final List<Column> columns = new ArrayList<>();
    private final List<Function<R, String>> cells = new ArrayList<>();

    /// Creates a builder without columns.
    ///
    /// @param messages the language
    public TableBuilder(Messages messages) {
        this.messages = messages;
    }

    /// Adds a column.
    ///
    /// @param title key of the column's title; its unit, if it has one, is under this key with `Unit` appended
    /// @param cell writes the column's cell of a row
    /// @return this builder
    public TableBuilder<R> column(String title, Function<R, String> cell) {
        return column(new Column(messages.format(title), messages.formatOr(title + "Unit", "")), cell);
    }

    /// Adds a column with a unit of its own.
    ///
    /// @param title key of the column's title
    /// @param unit key of the column's unit
    /// @param cell writes the column's cell of a row
    /// @return this builder
    public TableBuilder<R> column(String title, String unit, Function<R, String> cell) {
        return column(new Column(messages.format(title), messages.format(unit)), cell);
    }

    /// Adds a column.
    ///
    /// @param column header of the column
    /// @param cell writes the column's cell of a row
    /// @return this builder
    public TableBuilder<R> column(Column column, Function<R, String> cell) {
        columns.add(column);
        cells.add(cell);
        return this;
    }

    /// Builds the table.
    ///
    /// @param heading the heading
    /// @param lead how to read the table
    /// @param rows the subjects of the rows
    /// @param notes remarks below the table
    /// @return the table
    public ReportSection.Table build(String heading, String lead, List<R> rows, String... notes) {
        List<List<String>> written = rows.stream()
                .map(row -> cells.stream().map(cell -> cell.apply(row)).toList())
                .toList();
        return new ReportSection.Table(heading, lead, columns, written, List.of(notes));
    }
}
