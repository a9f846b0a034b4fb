package dev.saiki.eval.report;

import dev.saiki.eval.report.LineChart.Point;
import dev.saiki.eval.report.LineChart.Reference;
import dev.saiki.eval.report.LineChart.Series;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/// Draws a line chart as inline SVG; colours and dashes come from the style sheet by the classes `s0`, `s1` and so
/// on.
final class LineChartSvg {

    private static final int WIDTH = 640;
    private static final int HEIGHT = 400;
    private static final int LEFT = 62;
    private static final int RIGHT = 16;
    private static final int TOP = 14;
    private static final int BOTTOM = 52;
    private static final double HEADROOM = 0.06;
    private static final int MARKER = 4;

    private final LineChart chart;
    private final String id;
    private final Axis x;
    private final Axis y;

    private LineChartSvg(LineChart chart, String id) {
        this.chart = chart;
        this.id = id;
        double[] heights = points(chart).mapToDouble(Point::y).toArray();
        double lowest = DoubleStream.of(heights).min().orElse(0);
        double highest = DoubleStream.of(heights).max().orElse(1);
        double reference = chart.reference().map(Reference::y).orElse(highest);
        double low = Math.min(lowest, reference);
        // Lines that come down to the reference are cut above it; others are shown whole.
        double top = reference > lowest ? reference : highest;
        double spare = (top - low) * HEADROOM;
        double right = points(chart).mapToDouble(Point::x).max().orElse(1);
        this.x = Axis.of(0, right * 1.02, LEFT, WIDTH - RIGHT);
        this.y = Axis.of(low - spare, top + spare, HEIGHT - BOTTOM, TOP);
    }

    /// Writes a chart.
    ///
    /// @param markup where to
    /// @param chart what
    /// @param id a name that no other chart of the page has
    static void write(Markup markup, LineChart chart, String id) {
        new LineChartSvg(chart, id).write(markup);
    }

    private static Stream<Point> points(LineChart chart) {
        return chart.series().stream()
                .flatMap(series -> series.points().stream())
                .filter(point -> Double.isFinite(point.x()) && Double.isFinite(point.y()));
    }

    private void write(Markup markup) {
        markup.open(
                "svg",
                "viewBox",
                "0 0 " + WIDTH + " " + HEIGHT,
                "role",
                "img",
                "aria-labelledby",
                id + "-title " + id + "-desc");
        markup.element("title", chart.title(), "id", id + "-title");
        markup.element("desc", description(), "id", id + "-desc");
        markup.open("clipPath", "id", id + "-clip");
        markup.leaf(
                "rect",
                "x",
                number(LEFT),
                "y",
                number(TOP),
                "width",
                number(WIDTH - LEFT - RIGHT + MARKER),
                "height",
                number(HEIGHT - TOP - BOTTOM));
        markup.close().line();
        writeHorizontalAxis(markup);
        writeVerticalAxis(markup);
        chart.reference().ifPresent(reference -> writeReference(markup, reference));
        for (int i = 0; i < chart.series().size(); i++) {
            writeSeries(markup, chart.series().get(i), i);
        }
        markup.close().line();
    }

    /// Says in words where each line ends.
    private String description() {
        StringBuilder words = new StringBuilder(chart.yLabel() + " over " + chart.xLabel() + ".");
        for (Series series : chart.series()) {
            last(series)
                    .ifPresent(end -> words.append(' ')
                            .append(series.name())
                            .append(" ends at ")
                            .append(Numbers.fixed(end.y(), 3))
                            .append('.'));
        }
        return words.toString();
    }

    private void writeHorizontalAxis(Markup markup) {
        markup.open("g", "class", "axis");
        for (double tick : x.ticks()) {
            String at = number(x.place(tick));
            markup.leaf("line", "x1", at, "x2", at, "y1", number(TOP), "y2", number(HEIGHT - BOTTOM));
            markup.element(
                    "text", Numbers.metric(tick), "x", at, "y", number(HEIGHT - BOTTOM + 18), "text-anchor", "middle");
        }
        markup.element(
                "text",
                chart.xLabel(),
                "class",
                "label",
                "x",
                number((LEFT + WIDTH - RIGHT) / 2.0),
                "y",
                number(HEIGHT - 8),
                "text-anchor",
                "middle");
        markup.close().line();
    }

    private void writeVerticalAxis(Markup markup) {
        markup.open("g", "class", "axis");
        for (double tick : y.ticks()) {
            double at = y.place(tick);
            markup.leaf("line", "x1", number(LEFT), "x2", number(WIDTH - RIGHT), "y1", number(at), "y2", number(at));
            markup.element(
                    "text",
                    Numbers.fixed(tick, y.tickDecimals()),
                    "x",
                    number(LEFT - 8),
                    "y",
                    number(at + 4),
                    "text-anchor",
                    "end");
        }
        double middle = (TOP + HEIGHT - BOTTOM) / 2.0;
        markup.element(
                "text",
                chart.yLabel(),
                "class",
                "label",
                "transform",
                "translate(16 " + number(middle) + ") rotate(-90)",
                "text-anchor",
                "middle");
        markup.close().line();
    }

    private void writeReference(Markup markup, Reference reference) {
        double at = y.place(reference.y());
        markup.open("g", "class", "reference");
        markup.leaf("line", "x1", number(LEFT), "x2", number(WIDTH - RIGHT), "y1", number(at), "y2", number(at));
        markup.element(
                "text", reference.name(), "x", number(WIDTH - RIGHT - 4), "y", number(at + 15), "text-anchor", "end");
        markup.close().line();
    }

    private void writeSeries(Markup markup, Series series, int index) {
        StringBuilder path = new StringBuilder();
        for (Point point : series.points()) {
            if (Double.isFinite(point.x()) && Double.isFinite(point.y())) {
                path.append(path.isEmpty() ? "M" : "L");
                path.append(number(x.place(point.x()))).append(' ').append(number(y.place(point.y())));
            }
        }
        markup.open("g", "class", "series s" + index, "clip-path", "url(#" + id + "-clip)");
        markup.leaf("path", "d", path.toString());
        last(series).ifPresent(end -> writeMarker(markup, end, index, series.name()));
        markup.close().line();
    }

    /// Ends a line with a circle, a square or a diamond, so that lines differ in more than colour.
    private void writeMarker(Markup markup, Point end, int index, String name) {
        String left = number(x.place(end.x()) - MARKER);
        String top = number(y.place(end.y()) - MARKER);
        String size = number(2 * MARKER);
        String centre = number(x.place(end.x())) + " " + number(y.place(end.y()));
        markup.open("g", "class", "marker").element("title", name + ": " + Numbers.fixed(end.y(), 3));
        switch (index % 3) {
            case 0 ->
                markup.leaf(
                        "circle",
                        "cx",
                        number(x.place(end.x())),
                        "cy",
                        number(y.place(end.y())),
                        "r",
                        number(MARKER + 0.5));
            case 1 -> markup.leaf("rect", "x", left, "y", top, "width", size, "height", size);
            default ->
                markup.leaf(
                        "rect",
                        "x",
                        left,
                        "y",
                        top,
                        "width",
                        size,
                        "height",
                        size,
                        "transform",
                        "rotate(45 " + centre + ")");
        }
        markup.close();
    }

    private static Optional<Point> last(Series series) {
        List<Point> points = series.points();
        return points.isEmpty() ? Optional.empty() : Optional.of(points.getLast());
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value == Math.rint(value) ? "%.0f" : "%.1f", value);
    }
}
