package dev.saiki.report;

import dev.saiki.eval.format.Column;
import dev.saiki.report.LineChart.Point;
import dev.saiki.report.LineChart.Range;
import dev.saiki.report.LineChart.Reference;
import dev.saiki.report.LineChart.Series;
import dev.saiki.report.LineChart.Style;
import dev.saiki.report.Report.KeyFigure;
import dev.saiki.report.ReportSection.Bar;
import dev.saiki.report.ReportSection.Charts;
import dev.saiki.report.ReportSection.Command;
import dev.saiki.report.ReportSection.Commands;
import dev.saiki.report.ReportSection.CostedModel;
import dev.saiki.report.ReportSection.Costs;
import dev.saiki.report.ReportSection.Histogram;
import dev.saiki.report.ReportSection.Passage;
import dev.saiki.report.ReportSection.PassageToken;
import dev.saiki.report.ReportSection.Prediction;
import dev.saiki.report.ReportSection.PromptSamples;
import dev.saiki.report.ReportSection.Prose;
import dev.saiki.report.ReportSection.Sample;
import dev.saiki.report.ReportSection.Samples;
import dev.saiki.report.ReportSection.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/// An invented report with every kind of section; one text is in every place that can hold text.
final class SampleReport {

    private SampleReport() {}

    static Report with(String text, int numRecursions) {
        return with(Language.ENGLISH, text, numRecursions);
    }

    static Report with(Language language, String text, int numRecursions) {
        return new Report(
                language,
                text,
                text,
                text,
                List.of(text, text),
                List.of(new KeyFigure(text, text, text)),
                List.of(
                        table(text),
                        charts(text),
                        new Passage(text, text, numRecursions, tokens(text, numRecursions)),
                        new Histogram(
                                text,
                                text,
                                IntStream.rangeClosed(1, numRecursions)
                                        .mapToObj(depth -> new Bar(text, depth, 1.0 / numRecursions, text))
                                        .toList()),
                        new Samples(text, text, List.of(new PromptSamples(text, List.of(new Sample(text, text, 1.5))))),
                        new Commands(text, text, List.of(new Command(text, text))),
                        costs(text),
                        new Prose(text, text, List.of(text, text))));
    }

    private static Table table(String text) {
        return new Table(
                text,
                text,
                List.of(new Column(text, text), new Column(text, "")),
                List.of(List.of(text, text), List.of(text, text)),
                List.of(text));
    }

    static Costs costs(String text) {
        return new Costs(
                text,
                text,
                2,
                256,
                List.of(
                        new CostedModel(text, 100, 90, 110, text, 4096, 1e7, 100),
                        new CostedModel(text + "2", 200, 180, 220, text, 2048, 1e7, 100),
                        new CostedModel(text + "3", 105, 95, 120, text, 2048, 1e7, 100),
                        new CostedModel(text + "4", Double.NaN, Double.NaN, Double.NaN, text, 2048, Double.NaN, 100)),
                List.of(text),
                List.of(text));
    }

    private static Charts charts(String text) {
        List<Series> series = List.of(line(text, 0.3), line(text, 0.35), line(text, 0.4));
        List<Series> points = List.of(
                new Series(
                        text, List.of(new Point(1e6, 4.5).withHeight(4.4, 4.6).withWidth(9e5, 1.2e6)), Style.POINTS),
                new Series(text, List.of(new Point(1e5, 5), new Point(1e7, 4.2)), Style.JOINED_POINTS));
        return new Charts(
                text,
                text,
                List.of(
                        new LineChart(text, text, text, series, Optional.of(new Reference(text, 6.2)), Range.FROM_ZERO),
                        new LineChart(text, text, text, points, Optional.empty(), Range.FITTED),
                        new LineChart(text, text, text, points, Optional.empty(), Range.LOGARITHMIC)));
    }

    static Series line(String name, double speed) {
        List<Point> points = new ArrayList<>();
        for (int step = 0; step <= 60; step++) {
            points.add(new Point(step * 1e12, 3.4 + 5 * Math.exp(-speed * step)));
        }
        return new Series(name, points, Style.LINE);
    }

    private static List<PassageToken> tokens(String text, int numRecursions) {
        Random random = new Random(5);
        return IntStream.range(0, 40)
                .mapToObj(at -> new PassageToken(
                        text,
                        1 + random.nextInt(numRecursions),
                        at == 0 ? Double.NaN : -random.nextDouble() * 6,
                        at % 2 == 0
                                ? List.of()
                                : List.of(new Prediction(text, 0.25), new Prediction(text + "\n", 0.5))))
                .toList();
    }
}
