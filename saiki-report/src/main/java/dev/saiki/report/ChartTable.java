package dev.saiki.report;

import dev.saiki.eval.format.Column;
import dev.saiki.eval.format.Numbers;
import dev.saiki.report.LineChart.Point;
import dev.saiki.report.LineChart.Series;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The points of a chart as columns and rows.
final class ChartTable {

    private static final int ROWS_PER_LINE = 12;

    private final LineChart chart;
    private final Messages messages;
    private final boolean hasIntervals;

    ChartTable(LineChart chart, Messages messages) {
        this.chart = chart;
        this.messages = messages;
        this.hasIntervals = chart.series().stream()
                .flatMap(series -> series.points().stream())
                .anyMatch(Point::hasHeight);
    }

    /// The headers of the columns.
    List<Column> columns() {
        List<Column> columns = new ArrayList<>(List.of(
                new Column(messages.format("chart.line"), ""),
                new Column(chart.xLabel(), ""),
                new Column(chart.yLabel(), "")));
        if (hasIntervals) {
            columns.add(new Column(messages.format("chart.interval"), ""));
        }
        return columns;
    }

    /// The rows: points at even distances on each line, including the line's last point.
    List<List<String>> rows() {
        return chart.series().stream().flatMap(this::rows).toList();
    }

    private Stream<List<String>> rows(Series series) {
        int size = series.points().size();
        int rows = Math.min(size, ROWS_PER_LINE);
        return IntStream.rangeClosed(1, rows)
                .mapToObj(row -> series.points().get((int) ((long) row * size / rows) - 1))
                .map(point -> cells(series, point));
    }

    private List<String> cells(Series series, Point point) {
        List<String> cells =
                new ArrayList<>(List.of(series.name(), Numbers.metric(point.x()), Numbers.fixed(point.y(), 3)));
        if (hasIntervals) {
            cells.add(
                    point.hasHeight()
                            ? messages.range(Numbers.fixed(point.low(), 3), Numbers.fixed(point.high(), 3))
                            : Messages.NONE);
        }
        return cells;
    }
}
