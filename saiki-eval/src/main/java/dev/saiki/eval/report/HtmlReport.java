package dev.saiki.eval.report;

import dev.saiki.eval.report.LineChart.Series;
import dev.saiki.eval.report.Report.KeyFigure;
import dev.saiki.eval.report.ReportSection.Bar;
import dev.saiki.eval.report.ReportSection.Charts;
import dev.saiki.eval.report.ReportSection.Column;
import dev.saiki.eval.report.ReportSection.Histogram;
import dev.saiki.eval.report.ReportSection.Passage;
import dev.saiki.eval.report.ReportSection.PromptSamples;
import dev.saiki.eval.report.ReportSection.Prose;
import dev.saiki.eval.report.ReportSection.Sample;
import dev.saiki.eval.report.ReportSection.Samples;
import dev.saiki.eval.report.ReportSection.Table;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/// Writes a report as one HTML file that needs nothing else: no request leaves it, and it opens from a disk, a mail
/// or a web server alike.
///
/// - Every text is escaped; a content security policy allows only this page's own style sheet and script, by their
///   hashes, and no request at all.
/// - Light and dark follow the reader's setting; it prints; without the script it loses only the arrow keys.
/// - Depth is shown by lightness, by hue and by the line under the text; lines of a chart differ in colour, dash
/// and marker; every chart is also a table.
public final class HtmlReport {

    private static final int ROWS_PER_LINE = 12;
    private static final int LONGEST_UNBROKEN = 16;

    private final Report report;
    private final Markup markup = new Markup();
    private int numberOfCharts;

    private HtmlReport(Report report) {
        this.report = report;
    }

    /// Writes a report.
    ///
    /// @param report the content
    /// @return the whole HTML file
    public static String write(Report report) {
        return new HtmlReport(report).write();
    }

    private String write() {
        String style = resource("report.css") + depthStyle();
        String script = resource("report.js");
        markup.trusted("<!DOCTYPE html>\n").open("html", "lang", "en").line();
        writeHead(style);
        markup.open("body").line().open("main").line();
        writeAnswer();
        for (ReportSection section : report.sections()) {
            writeSection(section);
        }
        markup.close().line();
        markup.open("script").trusted(script).close().line();
        markup.close().line().close().line();
        String policy = "default-src 'none'; style-src '" + hash(style) + "'; script-src '" + hash(script)
                + "'; base-uri 'none'; form-action 'none'";
        return markup.finish().replace(POLICY_PLACE, policy);
    }

    /// Stands for the policy until the hashes are known; no escaped text can contain it.
    private static final String POLICY_PLACE = "<policy>";

    private void writeHead(String style) {
        markup.open("head").line();
        markup.leaf("meta", "charset", "utf-8").line();
        markup.trusted("<meta http-equiv=\"Content-Security-Policy\" content=\"" + POLICY_PLACE + "\"/>")
                .line();
        markup.leaf("meta", "name", "viewport", "content", "width=device-width, initial-scale=1")
                .line();
        markup.leaf("meta", "name", "color-scheme", "content", "light dark").line();
        markup.element("title", report.title()).line();
        markup.open("style").trusted(style).close().line();
        markup.close().line();
    }

    private void writeAnswer() {
        markup.open("header").line();
        markup.element("p", report.title(), "class", "kicker").line();
        writeHeadline(report.answer());
        for (String paragraph : report.explanation()) {
            markup.element("p", paragraph, "class", "lead").line();
        }
        if (!report.figures().isEmpty()) {
            markup.open("dl", "class", "figures").line();
            report.figures().forEach(this::writeFigure);
            markup.close().line();
        }
        markup.element("p", report.subtitle(), "class", "source").line();
        markup.close().line();
    }

    /// Keeps words with a hyphen, names such as MoR-2, on one line.
    private void writeHeadline(String text) {
        markup.open("h1");
        String gap = "";
        for (String word : text.split(" ", -1)) {
            markup.text(gap);
            if (word.length() <= LONGEST_UNBROKEN && word.contains("-")) {
                markup.element("span", word, "class", "unbroken");
            } else {
                markup.text(word);
            }
            gap = " ";
        }
        markup.close().line();
    }

    private void writeFigure(KeyFigure figure) {
        markup.open("div").element("dt", figure.label());
        markup.element("dd", figure.value(), "class", "value");
        if (!figure.detail().isEmpty()) {
            markup.element("dd", figure.detail(), "class", "detail");
        }
        markup.close().line();
    }

    private void writeSection(ReportSection section) {
        markup.open("section").line().element("h2", section.heading()).line();
        if (!section.lead().isEmpty()) {
            markup.element("p", section.lead()).line();
        }
        switch (section) {
            case Prose prose -> writePoints(prose.points(), "points");
            case Table table -> writeTable(table);
            case Charts charts -> writeCharts(charts);
            case Passage passage -> PassageMarkup.write(markup, passage);
            case Histogram histogram -> writeHistogram(histogram);
            case Samples samples -> samples.prompts().forEach(this::writeSamples);
        }
        markup.close().line();
    }

    private void writePoints(List<String> points, String cssClass) {
        if (points.isEmpty()) {
            return;
        }
        markup.open("ul", "class", cssClass).line();
        for (String point : points) {
            markup.element("li", point).line();
        }
        markup.close().line();
    }

    private void writeTable(Table table) {
        writeRows(table.heading(), table.columns(), table.rows());
        writePoints(table.notes(), "notes");
    }

    private void writeRows(String label, List<Column> columns, List<List<String>> rows) {
        markup.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", label);
        markup.open("table").open("thead").open("tr");
        for (Column column : columns) {
            markup.open("th", "scope", "col").text(column.title());
            if (!column.unit().isEmpty()) {
                markup.element("span", column.unit(), "class", "unit");
            }
            markup.close();
        }
        markup.close().close().line().open("tbody").line();
        for (List<String> row : rows) {
            markup.open("tr").element("th", row.getFirst(), "scope", "row");
            for (String cell : row.subList(1, row.size())) {
                markup.element("td", cell);
            }
            markup.close().line();
        }
        markup.close().close().close().line();
    }

    private void writeCharts(Charts charts) {
        markup.open("div", "class", "charts").line();
        for (LineChart chart : charts.charts()) {
            numberOfCharts++;
            markup.open("figure").line();
            markup.element("figcaption", chart.title()).line();
            writeLegend(chart);
            LineChartSvg.write(markup, chart, "chart" + numberOfCharts);
            markup.open("details").element("summary", "The same as a table");
            writeRows(chart.title(), columnsOf(chart), rowsOf(chart));
            markup.close().close().line();
        }
        markup.close().line();
    }

    private void writeLegend(LineChart chart) {
        markup.open("ul", "class", "legend");
        for (int i = 0; i < chart.series().size(); i++) {
            markup.open("li").open("svg", "viewBox", "0 0 36 12", "aria-hidden", "true", "class", "key");
            markup.open("g", "class", "series s" + i)
                    .leaf("path", "d", "M1 6L35 6")
                    .close();
            markup.close().text(chart.series().get(i).name()).close();
        }
        markup.close().line();
    }

    private static List<Column> columnsOf(LineChart chart) {
        return List.of(new Column("Line", ""), new Column(chart.xLabel(), ""), new Column(chart.yLabel(), ""));
    }

    /// Picks evenly spaced points of each line, its last included.
    private static List<List<String>> rowsOf(LineChart chart) {
        return chart.series().stream().flatMap(HtmlReport::rowsOf).toList();
    }

    private static java.util.stream.Stream<List<String>> rowsOf(Series series) {
        int size = series.points().size();
        int rows = Math.min(size, ROWS_PER_LINE);
        return java.util.stream.IntStream.rangeClosed(1, rows)
                .mapToObj(row -> series.points().get((int) ((long) row * size / rows) - 1))
                .map(point -> List.of(series.name(), Numbers.metric(point.x()), Numbers.fixed(point.y(), 3)));
    }

    private void writeHistogram(Histogram histogram) {
        markup.open("table", "class", "bars").open("tbody").line();
        for (Bar bar : histogram.bars()) {
            markup.open("tr").element("th", bar.label(), "scope", "row").open("td", "class", "bar");
            markup.open("svg", "viewBox", "0 0 100 10", "preserveAspectRatio", "none", "aria-hidden", "true");
            String width = Numbers.fixed(100 * bar.share(), 2);
            markup.leaf("rect", "width", "100", "height", "10", "class", "track");
            markup.leaf("rect", "width", width, "height", "10", "class", "d" + bar.depth());
            markup.close().close();
            markup.element("td", Numbers.percent(bar.share(), 1)).element("td", bar.detail());
            markup.close().line();
        }
        markup.close().close().line();
    }

    private void writeSamples(PromptSamples prompt) {
        markup.open("div", "class", "prompt").line();
        markup.open("h3")
                .element("span", "Prompt ", "class", "unit")
                .text(prompt.prompt())
                .close();
        markup.open("div", "class", "samples").line();
        for (Sample sample : prompt.samples()) {
            markup.open("figure").open("figcaption").text(sample.model());
            if (!sample.detail().isEmpty()) {
                markup.element("span", sample.detail(), "class", "unit");
            }
            markup.close().open("blockquote").element("b", prompt.prompt()).text(sample.text());
            markup.close().close().line();
        }
        markup.close().close().line();
    }

    private String depthStyle() {
        int deepest = report.sections().stream()
                .mapToInt(section -> switch (section) {
                    case Passage passage -> passage.numRecursions();
                    case Histogram histogram ->
                        histogram.bars().stream().mapToInt(Bar::depth).max().orElse(1);
                    case Prose _, Table _, Charts _, Samples _ -> 1;
                })
                .max()
                .orElse(1);
        return ":root{" + DepthPalette.properties(deepest, false) + "}\n@media screen and (prefers-color-scheme:dark){"
                + ":root{" + DepthPalette.properties(deepest, true) + "}}\n" + DepthPalette.rules(deepest) + "\n";
    }

    /// Names a text by its hash as a content security policy wants it.
    private static String hash(String content) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static String resource(String name) {
        try (InputStream input = Objects.requireNonNull(HtmlReport.class.getResourceAsStream(name), name)) {
            return new String(input.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + name + " from the program's own files", e);
        }
    }
}
