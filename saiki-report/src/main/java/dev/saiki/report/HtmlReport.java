package dev.saiki.report;

import static dev.saiki.report.Messages.with;

import dev.saiki.eval.format.Column;
import dev.saiki.eval.format.Numbers;
import dev.saiki.io.Resources;
import dev.saiki.io.Sha256;
import dev.saiki.io.display.DepthPalette;
import dev.saiki.report.LineChart.Style;
import dev.saiki.report.Report.KeyFigure;
import dev.saiki.report.ReportSection.Bar;
import dev.saiki.report.ReportSection.Charts;
import dev.saiki.report.ReportSection.Command;
import dev.saiki.report.ReportSection.Commands;
import dev.saiki.report.ReportSection.Costs;
import dev.saiki.report.ReportSection.Histogram;
import dev.saiki.report.ReportSection.Passage;
import dev.saiki.report.ReportSection.PromptSamples;
import dev.saiki.report.ReportSection.Prose;
import dev.saiki.report.ReportSection.Sample;
import dev.saiki.report.ReportSection.Samples;
import dev.saiki.report.ReportSection.Table;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A report as one self-contained HTML file, which loads no external resources.
///
/// - All text is escaped. A content security policy allows only the page's own style sheet and script, by their
///   hashes, and no requests.
/// - Light and dark mode follow the reader's setting, and the page is printable. The script is needed only for the
///   arrow keys in a passage and for changing the price.
/// - Depth is shown by lightness, hue and underline. The lines of a chart differ in colour, dash and marker. Every
///   chart is also available as a table.
public final class HtmlReport {

    /// The beginning of a numeric cell; a single dash stands for a missing number.
    private static final Pattern NUMBER = Pattern.compile("[+\u2212\u2013-]?\\d|\u2013$");

    /// Short hyphenated names, such as MoR-2, which must not be broken across lines.
    private static final Pattern NAME = Pattern.compile("(?<![\\w-])\\w{1,12}-\\w{1,3}(?![\\w-])");

    /// The number of rows from which on a table is collapsed.
    private static final int LONG_TABLE = 40;

    private final Report report;
    private final Messages messages;
    private final MarkupBuilder markup = new MarkupBuilder();
    private int numberOfCharts;

    private HtmlReport(Report report) {
        this.report = report;
        this.messages = Messages.in(report.language());
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
        markup.trusted("<!DOCTYPE html>\n")
                .open("html", "lang", report.language().tag())
                .line();
        writeHead(style);
        markup.open("body").line().open("main").line();
        writeAnswer();
        writeContents();
        for (int i = 0; i < report.sections().size(); i++) {
            writeSection(report.sections().get(i), anchor(i));
        }
        markup.close().line();
        markup.open("script").trusted(script).close().line();
        markup.close().line().close().line();
        String policy = "default-src 'none'; style-src '" + hash(style) + "'; script-src '" + hash(script)
                + "'; base-uri 'none'; form-action 'none'";
        return markup.finish().replace(POLICY_PLACE, policy);
    }

    /// Placeholder for the policy until the hashes are known; no escaped text can contain it.
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
            markup.element("p", unbroken(paragraph), "class", "lead").line();
        }
        if (!report.figures().isEmpty()) {
            markup.open("dl", "class", "figures").line();
            report.figures().forEach(this::writeFigure);
            markup.close().line();
        }
        markup.element("p", report.subtitle(), "class", "source").line();
        markup.close().line();
    }

    /// Keeps hyphenated words, such as the name MoR-2, on one line.
    private void writeHeadline(String text) {
        markup.open("h1");
        int from = 0;
        Matcher names = NAME.matcher(text);
        while (names.find()) {
            markup.text(text.substring(from, names.start()));
            markup.element("span", names.group(), "class", "unbroken");
            from = names.end();
        }
        markup.text(text.substring(from)).close().line();
    }

    private void writeFigure(KeyFigure figure) {
        markup.open("div").element("dt", figure.label());
        markup.element("dd", figure.value(), "class", "value");
        if (!figure.detail().isEmpty()) {
            markup.element("dd", figure.detail(), "class", "detail");
        }
        markup.close().line();
    }

    private static String anchor(int section) {
        return "section-" + (section + 1);
    }

    private void writeContents() {
        markup.open("nav", "aria-label", messages.format("page.contents"))
                .open("ol")
                .line();
        for (int i = 0; i < report.sections().size(); i++) {
            markup.open("li");
            markup.element("a", report.sections().get(i).heading(), "href", "#" + anchor(i));
            markup.close().line();
        }
        markup.close().close().line();
    }

    private void writeSection(ReportSection section, String anchor) {
        markup.open("section", "id", anchor)
                .line()
                .element("h2", section.heading())
                .line();
        if (!section.lead().isEmpty()) {
            markup.element("p", section.lead()).line();
        }
        switch (section) {
            case Prose prose -> writePoints(prose.points(), "points");
            case Table table -> writeTable(table);
            case Charts charts -> writeCharts(charts);
            case Passage passage -> new PassageMarkup(markup, messages, passage).write();
            case Histogram histogram -> writeHistogram(histogram);
            case Samples samples -> samples.prompts().forEach(this::writeSamples);
            case Commands commands -> commands.commands().forEach(this::writeCommand);
            case Costs costs -> writeCosts(costs);
        }
        markup.close().line();
    }

    /// Keeps a percentage on one line.
    private static String unbroken(String prose) {
        return prose.replace(" %", "\u00a0%");
    }

    private void writePoints(List<String> points, String cssClass) {
        if (points.isEmpty()) {
            return;
        }
        markup.open("ul", "class", cssClass).line();
        for (String point : points) {
            markup.element("li", unbroken(point)).line();
        }
        markup.close().line();
    }

    private void writeTable(Table table) {
        boolean isLong = table.rows().size() > LONG_TABLE;
        if (isLong) {
            String rows =
                    messages.format("table.rows", with("number", table.rows().size()));
            markup.open("details").element("summary", rows);
        }
        writeRows(table.heading(), table.columns(), table.rows());
        if (isLong) {
            markup.close().line();
        }
        writePoints(table.notes(), "notes");
    }

    private void writeCommand(Command command) {
        markup.open("figure", "class", "command").element("figcaption", command.purpose());
        markup.open("pre", "tabindex", "0").element("code", command.line()).close();
        markup.close().line();
    }

    private void writeCosts(Costs costs) {
        new CostMarkup(markup, messages, costs).write();
        writePoints(new CostTable(costs, messages).sources(), "notes");
        markup.element("h3", messages.format("costs.how")).line();
        writePoints(costs.formulas(), "points");
        writePoints(costs.notes(), "notes");
    }

    private void writeRows(String label, List<Column> columns, List<List<String>> rows) {
        markup.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", label);
        markup.open("table").open("thead").open("tr");
        for (int i = 0; i < columns.size(); i++) {
            Column column = columns.get(i);
            markup.open("th", "scope", "col", "class", alignment(rows, i)).text(column.title());
            if (!column.unit().isEmpty()) {
                markup.element("span", column.unit(), "class", "unit");
            }
            markup.close();
        }
        markup.close().close().line().open("tbody").line();
        for (List<String> row : rows) {
            markup.open("tr").element("th", row.getFirst(), "scope", "row");
            for (int i = 1; i < row.size(); i++) {
                markup.element("td", row.get(i), "class", alignment(rows, i));
            }
            markup.close().line();
        }
        markup.close().close().close().line();
    }

    /// Numbers are aligned right, other cells left.
    private static String alignment(List<List<String>> rows, int column) {
        boolean isNumber = column > 0
                && rows.stream()
                        .map(row -> row.get(column))
                        .allMatch(cell -> NUMBER.matcher(cell).lookingAt());
        return isNumber ? "number" : "text";
    }

    private void writeCharts(Charts charts) {
        markup.open("div", "class", "charts").line();
        for (LineChart chart : charts.charts()) {
            numberOfCharts++;
            markup.open("figure").line();
            markup.element("figcaption", chart.title()).line();
            writeLegend(chart);
            LineChartSvg.write(markup, chart, messages, "chart" + numberOfCharts);
            markup.open("details").element("summary", messages.format("chart.asTable"));
            ChartTable table = new ChartTable(chart, messages);
            writeRows(chart.title(), table.columns(), table.rows());
            markup.close().close().line();
        }
        markup.close().line();
    }

    private void writeLegend(LineChart chart) {
        markup.open("ul", "class", "legend");
        for (int i = 0; i < chart.series().size(); i++) {
            markup.open("li").open("svg", "viewBox", "0 0 36 12", "aria-hidden", "true", "class", "key");
            markup.open("g", "class", "series " + LineChartSvg.colour(i));
            if (chart.series().get(i).style() != Style.POINTS) {
                markup.leaf("path", "d", "M1 6L35 6");
            }
            markup.open("g", "class", "marker");
            LineChartSvg.writeMarker(markup, 18, 6, i);
            markup.close().close();
            markup.close().text(chart.series().get(i).name()).close();
        }
        markup.close().line();
    }

    private void writeHistogram(Histogram histogram) {
        markup.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", histogram.heading());
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
        markup.close().close().close().line();
    }

    private void writeSamples(PromptSamples prompt) {
        markup.open("div", "class", "prompt").line();
        markup.open("h3")
                .element("span", messages.format("samples.prompt") + " ", "class", "unit")
                .text(prompt.prompt())
                .close();
        markup.open("div", "class", "samples").line();
        for (Sample sample : prompt.samples()) {
            markup.open("figure").open("figcaption").text(sample.model());
            if (!Double.isNaN(sample.meanDepth())) {
                markup.element("span", meanDepth(sample), "class", "unit");
            }
            markup.close().open("blockquote").element("b", prompt.prompt()).text(sample.text());
            markup.close().close().line();
        }
        markup.close().close().line();
    }

    private String meanDepth(Sample sample) {
        return messages.format("samples.depth", with("depth", Numbers.fixed(sample.meanDepth(), 2)));
    }

    private String depthStyle() {
        int deepest = report.sections().stream()
                .mapToInt(section -> switch (section) {
                    case Passage passage -> passage.numRecursions();
                    case Histogram histogram ->
                        histogram.bars().stream().mapToInt(Bar::depth).max().orElse(1);
                    case Prose _, Table _, Charts _, Samples _, Commands _, Costs _ -> 1;
                })
                .max()
                .orElse(1);
        return DepthPalette.styleSheet(deepest);
    }

    /// Returns the hash of a text in the format of a content security policy.
    private static String hash(String content) {
        byte[] digest = Sha256.digest().digest(content.getBytes(StandardCharsets.UTF_8));
        return "sha256-" + Base64.getEncoder().encodeToString(digest);
    }

    private static String resource(String name) {
        return Resources.text(HtmlReport.class.getResourceAsStream(name), name);
    }
}
