package dev.saiki.report;

import java.util.List;
import java.util.Optional;

/// A chart of one or more lines, or of points with their intervals.
///
/// @param title title of the chart
/// @param xLabel name and unit of the horizontal axis
/// @param yLabel name and unit of the vertical axis
/// @param series the lines, whose order determines colour, dash and marker
/// @param reference a horizontal line to compare the series with
/// @param range the range of the horizontal axis
public record LineChart(
        String title, String xLabel, String yLabel, List<Series> series, Optional<Reference> reference, Range range) {

    /// Copies the list.
    public LineChart {
        series = List.copyOf(series);
    }

    /// The range of a horizontal axis.
    public enum Range {
        /// From zero to the largest value.
        FROM_ZERO,
        /// From the smallest to the largest value, with a small margin.
        FITTED,
        /// From the smallest to the largest value, on a logarithmic scale; values must be above zero.
        LOGARITHMIC
    }

    /// The form of a series in the drawing.
    public enum Style {
        /// As a line with a marker at its end.
        LINE,
        /// As points, each with a marker.
        POINTS,
        /// As points connected by a line.
        JOINED_POINTS
    }

    /// A series of points.
    ///
    /// @param name name in the legend
    /// @param points the points, with rising x
    /// @param style form in which the series is drawn
    public record Series(String name, List<Point> points, Style style) {
        /// Copies the list.
        public Series {
            points = List.copyOf(points);
        }
    }

    /// A point; the ends of an interval are NaN if the interval is unknown.
    ///
    /// @param x horizontal value
    /// @param y vertical value
    /// @param low lower end of the vertical interval
    /// @param high upper end of the vertical interval
    /// @param left lower end of the horizontal interval
    /// @param right upper end of the horizontal interval
    public record Point(double x, double y, double low, double high, double left, double right) {

        /// Creates a point without intervals.
        ///
        /// @param x horizontal value
        /// @param y vertical value
        public Point(double x, double y) {
            this(x, y, Double.NaN, Double.NaN, Double.NaN, Double.NaN);
        }

        /// Returns the point with a vertical interval.
        ///
        /// @param low lower end of the interval
        /// @param high upper end of the interval
        /// @return the point
        public Point withHeight(double low, double high) {
            return new Point(x, y, low, high, left, right);
        }

        /// Returns the point with a horizontal interval.
        ///
        /// @param left lower end of the interval
        /// @param right upper end of the interval
        /// @return the point
        public Point withWidth(double left, double right) {
            return new Point(x, y, low, high, left, right);
        }

        boolean isDrawable() {
            return Double.isFinite(x) && Double.isFinite(y);
        }

        boolean hasHeight() {
            return Double.isFinite(low) && Double.isFinite(high);
        }

        boolean hasWidth() {
            return Double.isFinite(left) && Double.isFinite(right);
        }
    }

    /// A horizontal line for comparison. If a curve reaches below this line, the chart ends a little above the
    /// line, and higher parts of curves are cut off.
    ///
    /// @param name label of the line
    /// @param y vertical value of the line
    public record Reference(String name, double y) {}
}
