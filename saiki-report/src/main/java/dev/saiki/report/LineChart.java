package dev.saiki.report;

import java.util.List;
import java.util.Optional;

/// A chart of one or more lines, or of points with their intervals.
///
/// @param title what is shown
/// @param xLabel the horizontal axis with its unit
/// @param yLabel the vertical axis with its unit
/// @param series the lines; the order decides colour, dash and marker
/// @param reference a horizontal line to compare with
/// @param range how far the horizontal axis reaches
public record LineChart(
        String title, String xLabel, String yLabel, List<Series> series, Optional<Reference> reference, Range range) {

    /// Keeps its own copy of the list.
    public LineChart {
        series = List.copyOf(series);
    }

    /// The reach of a horizontal axis.
    public enum Range {
        /// From zero to the largest value.
        FROM_ZERO,
        /// Over the values and little more.
        FITTED,
        /// Over the values, each decade as wide as the next; values must be above zero.
        LOGARITHMIC
    }

    /// The form in which a series is drawn.
    public enum Style {
        /// As a line with a marker at its end.
        LINE,
        /// As points, each with a marker.
        POINTS,
        /// As points that a line joins.
        JOINED_POINTS
    }

    /// Points that belong together.
    ///
    /// @param name what they stand for
    /// @param points the points, x rising
    /// @param style how they are drawn
    public record Series(String name, List<Point> points, Style style) {
        /// Keeps its own copy of the list.
        public Series {
            points = List.copyOf(points);
        }
    }

    /// A point; an interval whose ends are NaN is not known.
    ///
    /// @param x horizontal value
    /// @param y vertical value
    /// @param low lower end of the vertical interval
    /// @param high upper end of the vertical interval
    /// @param left lower end of the horizontal interval
    /// @param right upper end of the horizontal interval
    public record Point(double x, double y, double low, double high, double left, double right) {

        /// Makes a point without intervals.
        ///
        /// @param x horizontal value
        /// @param y vertical value
        public Point(double x, double y) {
            this(x, y, Double.NaN, Double.NaN, Double.NaN, Double.NaN);
        }

        /// Returns the point with a vertical interval.
        ///
        /// @param low lower end
        /// @param high upper end
        /// @return the point
        public Point withHeight(double low, double high) {
            return new Point(x, y, low, high, left, right);
        }

        /// Returns the point with a horizontal interval.
        ///
        /// @param left lower end
        /// @param right upper end
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

    /// A horizontal line to compare with; the chart reaches a little above it, and lines that start higher are cut.
    ///
    /// @param name what it stands for
    /// @param y its height
    public record Reference(String name, double y) {}
}
