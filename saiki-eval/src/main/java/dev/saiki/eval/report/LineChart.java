package dev.saiki.eval.report;

import java.util.List;
import java.util.Optional;

/// A chart of one or more lines.
///
/// @param title what is shown
/// @param xLabel the horizontal axis with its unit
/// @param yLabel the vertical axis with its unit
/// @param series the lines; the order decides colour and dash
/// @param reference a horizontal line to compare with
public record LineChart(
        String title, String xLabel, String yLabel, List<Series> series, Optional<Reference> reference) {

    /// Keeps its own copy of the list.
    public LineChart {
        series = List.copyOf(series);
    }

    /// A line.
    ///
    /// @param name what it stands for
    /// @param points its points, x rising
    public record Series(String name, List<Point> points) {
        /// Keeps its own copy of the list.
        public Series {
            points = List.copyOf(points);
        }
    }

    /// A point.
    ///
    /// @param x horizontal value
    /// @param y vertical value
    public record Point(double x, double y) {}

    /// A horizontal line to compare with; the chart reaches a little above it, and lines that start higher are cut.
    ///
    /// @param name what it stands for
    /// @param y its height
    public record Reference(String name, double y) {}
}
