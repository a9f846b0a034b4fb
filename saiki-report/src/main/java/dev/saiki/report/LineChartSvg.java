package dev.saiki.report;

import static dev.saiki.report.Messages.with;

import dev.saiki.eval.format.Numbers;
import dev.saiki.report.LineChart.Point;
import dev.saiki.report.LineChart.Reference;
import dev.saiki.report.LineChart.Series;
import dev.saiki.report.LineChart.Style;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/// A chart as inline SVG; colours and dashes come from the style sheet through the classes `s0`, `s1` and so on.
///
/// XChart was considered: it draws SVG through a second library, without text for screen readers, and its colours
/// do not follow the reader's light or dark mode.
final class LineChartSvg {

    /// The number of colours; further series reuse the colours with other markers.
    static final int NUM_COLOURS = 6;

    private static final int WIDTH = 640;
    private static final int HEIGHT = 400;
    private static final int LEFT = 106;
    private static final int RIGHT = 42;
    private static final int TOP = 14;
    private static final int BOTTOM = 52;
    private static final double HEADROOM = 0.06;
    private static final double FITTED_ROOM = 0.08;
    private static final int MARKER = 4;
    private static final int CAP = 4;
    private static final int TICK_ROOM = 84;

    private final LineChart chart;
    private final Messages messages;
    private final String id;
    private final Axis x;
    private final Axis y;

    private LineChartSvg(LineChart chart, Messages messages, String id) {
        this.chart = chart;
        this.messages = messages;
        this.id = id;
        this.x = horizontal(chart);
        this.y = vertical(chart);
    }

    /// Writes a chart.
    ///
    /// @param markup the markup to write to
    /// @param chart the chart to write
    /// @param messages the language
    /// @param id a name that is unique among the charts of the page
    static void write(MarkupBuilder markup, LineChart chart, Messages messages, String id) {
        new LineChartSvg(chart, messages, id).write(markup);
    }

    private static Axis horizontal(LineChart chart) {
        double[] all = points(chart)
                .flatMapToDouble(point -> finite(point.x(), point.left(), point.right()))
                .toArray();
        double min = DoubleStream.of(all).min().orElse(0);
        double max = DoubleStream.of(all).max().orElse(1);
        return switch (chart.range()) {
            case FROM_ZERO -> Axis.of(0, max * 1.02, LEFT, WIDTH - RIGHT);
            case FITTED -> {
                double room = (max - min) * FITTED_ROOM;
                yield Axis.of(min - room, max + room, LEFT, WIDTH - RIGHT);
            }
            case LOGARITHMIC -> {
                double room = Math.pow(max / min, FITTED_ROOM);
                yield Axis.logarithmic(min / room, max * room, LEFT, WIDTH - RIGHT);
            }
        };
    }

    private static Axis vertical(LineChart chart) {
        double[] all = points(chart)
                .flatMapToDouble(point -> finite(point.y(), point.low(), point.high()))
                .toArray();
        double lowest = DoubleStream.of(all).min().orElse(0);
        double highest = DoubleStream.of(all).max().orElse(1);
        double reference = chart.reference().map(Reference::y).orElse(highest);
        double low = Math.min(lowest, reference);
        // If a line reaches down to the reference, the chart is clipped a little above the reference; otherwise
        // lines are shown in full.
        double top = reference > lowest ? reference : highest;
        double spare = (top - low) * HEADROOM;
        return Axis.of(low - spare, top + spare, HEIGHT - BOTTOM, TOP);
    }

    private static DoubleStream finite(double... values) {
        return DoubleStream.of(values).filter(Double::isFinite);
    }

    private static Stream<Point> points(LineChart chart) {
        return chart.series().stream()
                .flatMap(series -> series.points().stream())
                .filter(Point::isDrawable);
    }

    private void write(MarkupBuilder markup) {
        markup.open("svg", "viewBox", "0 0 " + WIDTH + " " + HEIGHT, "role", "img");
        markup.attribute("aria-labelledby", id + "-title " + id + "-desc");
        markup.element("title", chart.title(), "id", id + "-title");
        markup.element("desc", description(), "id", id + "-desc");
        markup.open("clipPath", "id", id + "-clip");
        markup.leaf("rect", "x", number(LEFT - MARKER), "y", number(TOP - MARKER))
                .attribute("width", number(WIDTH - LEFT - RIGHT + 2 * MARKER))
                .attribute("height", number(HEIGHT - TOP - BOTTOM + MARKER));
        markup.close().line();
        writeHorizontalAxis(markup);
        writeVerticalAxis(markup);
        chart.reference().ifPresent(reference -> writeReference(markup, reference));
        for (int i = 0; i < chart.series().size(); i++) {
            writeSeries(markup, chart.series().get(i), i);
        }
        markup.close().line();
    }

    /// Describes the end of each line, or the position of each point, in words.
    private String description() {
        StringBuilder text = new StringBuilder(
                messages.format("chart.description", with("y", chart.yLabel()), with("x", chart.xLabel())));
        for (Series series : chart.series()) {
            if (series.style() == Style.LINE) {
                last(series)
                        .ifPresent(end -> text.append(' ')
                                .append(messages.format(
                                        "chart.ends",
                                        with("name", series.name()),
                                        with("value", Numbers.fixed(end.y(), 3)))));
            } else {
                series.points().stream()
                        .filter(Point::isDrawable)
                        .forEach(point -> text.append(' ').append(place(series, point)));
            }
        }
        return text.toString();
    }

    private String place(Series series, Point point) {
        return messages.format(
                "chart.point",
                with("name", series.name()),
                with("x", Numbers.metric(point.x())),
                with("y", Numbers.fixed(point.y(), 3)));
    }

    private void writeHorizontalAxis(MarkupBuilder markup) {
        markup.open("g", "class", "axis");
        double written = Double.NEGATIVE_INFINITY;
        for (double tick : x.ticks()) {
            String at = number(x.place(tick));
            markup.leaf("line", "x1", at, "x2", at, "y1", number(TOP), "y2", number(HEIGHT - BOTTOM));
            if (x.place(tick) - written >= TICK_ROOM) {
                writeText(markup, Numbers.metric(tick), x.place(tick), HEIGHT - BOTTOM + 18, "middle");
                written = x.place(tick);
            }
        }
        markup.open("text", "class", "label", "text-anchor", "middle")
                .attribute("x", number((LEFT + WIDTH - RIGHT) / 2.0))
                .attribute("y", number(HEIGHT - 8))
                .text(chart.xLabel())
                .close();
        markup.close().line();
    }

    private void writeVerticalAxis(MarkupBuilder markup) {
        markup.open("g", "class", "axis");
        for (double tick : y.ticks()) {
            double at = y.place(tick);
            writeHorizontalLine(markup, at);
            writeText(markup, Numbers.fixed(tick, y.tickDecimals()), LEFT - 8, at + 4, "end");
        }
        double middle = (TOP + HEIGHT - BOTTOM) / 2.0;
        markup.open("text", "class", "label", "text-anchor", "middle")
                .attribute("transform", "translate(25 " + number(middle) + ") rotate(-90)")
                .text(chart.yLabel())
                .close();
        markup.close().line();
    }

    private void writeReference(MarkupBuilder markup, Reference reference) {
        double at = y.place(reference.y());
        markup.open("g", "class", "reference");
        writeHorizontalLine(markup, at);
        writeText(markup, reference.name(), WIDTH - RIGHT - 4, at + 15, "end");
        markup.close().line();
    }

    private static void writeHorizontalLine(MarkupBuilder markup, double at) {
        markup.leaf("line", "x1", number(LEFT), "x2", number(WIDTH - RIGHT), "y1", number(at), "y2", number(at));
    }

    private static void writeText(MarkupBuilder markup, String text, double atX, double atY, String anchor) {
        markup.element("text", text, "x", number(atX), "y", number(atY), "text-anchor", anchor);
    }

    private void writeSeries(MarkupBuilder markup, Series series, int index) {
        List<Point> points = series.points().stream().filter(Point::isDrawable).toList();
        markup.open("g", "class", "series " + colour(index), "clip-path", "url(#" + id + "-clip)");
        if (series.style() != Style.POINTS && points.size() > 1) {
            StringBuilder path = new StringBuilder();
            for (Point point : points) {
                path.append(path.isEmpty() ? "M" : "L");
                path.append(number(x.place(point.x()))).append(' ').append(number(y.place(point.y())));
            }
            markup.leaf("path", "d", path.toString());
        }
        List<Point> marked = series.style() == Style.LINE && !points.isEmpty() ? List.of(points.getLast()) : points;
        for (Point point : marked) {
            writeInterval(markup, point);
            markup.open("g", "class", "marker").element("title", place(series, point));
            writeMarker(markup, x.place(point.x()), y.place(point.y()), index);
            markup.close();
        }
        markup.close().line();
    }

    private void writeInterval(MarkupBuilder markup, Point point) {
        double atX = x.place(point.x());
        double atY = y.place(point.y());
        if (point.hasHeight()) {
            double low = y.place(point.low());
            double high = y.place(point.high());
            String path = stroke(atX, low, atX, high) + cap(atX, low, true) + cap(atX, high, true);
            markup.leaf("path", "class", "interval", "d", path);
        }
        if (point.hasWidth()) {
            double left = x.place(point.left());
            double right = x.place(point.right());
            String path = stroke(left, atY, right, atY) + cap(left, atY, false) + cap(right, atY, false);
            markup.leaf("path", "class", "interval", "d", path);
        }
    }

    private static String cap(double atX, double atY, boolean flat) {
        return flat ? stroke(atX - CAP, atY, atX + CAP, atY) : stroke(atX, atY - CAP, atX, atY + CAP);
    }

    private static String stroke(double x1, double y1, double x2, double y2) {
        return "M" + number(x1) + " " + number(y1) + "L" + number(x2) + " " + number(y2);
    }

    /// Returns the class that sets a series' colour and dash.
    static String colour(int index) {
        return "s" + index % NUM_COLOURS;
    }

    /// Draws a circle, a square, a diamond or a triangle, so that series differ in more than colour.
    static void writeMarker(MarkupBuilder markup, double atX, double atY, int index) {
        String left = number(atX - MARKER);
        String top = number(atY - MARKER);
        String size = number(2 * MARKER);
        switch (index % 4) {
            case 0 -> markup.leaf("circle", "cx", number(atX), "cy", number(atY), "r", number(MARKER + 0.5));
            case 1 -> markup.leaf("rect", "x", left, "y", top, "width", size, "height", size);
            case 2 ->
                markup.leaf("rect", "x", left, "y", top, "width", size, "height", size)
                        .attribute("transform", "rotate(45 " + number(atX) + " " + number(atY) + ")");
            default ->
                markup.leaf(
                        "polygon",
                        "points",
                        number(atX) + "," + number(atY - MARKER - 1) + " " + number(atX + MARKER + 1) + ","
                                + number(atY + MARKER) + " " + number(atX - MARKER - 1) + "," + number(atY + MARKER));
        }
    }

    private static Optional<Point> last(Series series) {
        return series.points().stream().filter(Point::isDrawable).reduce((_, second) -> second);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value == Math.rint(value) ? "%.0f" : "%.1f", value);
    }
}
