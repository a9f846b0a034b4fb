package dev.saiki.report;

import static dev.saiki.report.Messages.with;

import dev.saiki.eval.format.Column;
import dev.saiki.eval.format.Numbers;
import dev.saiki.eval.format.TextTable;
import dev.saiki.report.Report.KeyFigure;
import dev.saiki.report.ReportSection.Charts;
import dev.saiki.report.ReportSection.Commands;
import dev.saiki.report.ReportSection.Costs;
import dev.saiki.report.ReportSection.Histogram;
import dev.saiki.report.ReportSection.Passage;
import dev.saiki.report.ReportSection.PassageToken;
import dev.saiki.report.ReportSection.Prose;
import dev.saiki.report.ReportSection.Samples;
import dev.saiki.report.ReportSection.Table;
import java.util.List;
import java.util.stream.Collectors;

/// A report as Markdown, with charts as tables of their points, and passages with the depth after each token.
///
/// Characters that are markup in Markdown or HTML are escaped, and line breaks become spaces.
public final class MarkdownReport {

    private static final String SPECIAL = "\\`*_[]<>|#&~$";

    private final Report report;
    private final Messages messages;
    private final StringBuilder out = new StringBuilder();

    private MarkdownReport(Report report) {
        this.report = report;
        this.messages = Messages.in(report.language());
    }

    /// Writes a report.
    ///
    /// @param report the content
    /// @return the document
    public static String write(Report report) {
        return new MarkdownReport(report).write();
    }

    private String write() {
        line("# " + text(report.answer()));
        report.explanation().forEach(this::paragraph);
        List<String> figures = report.figures().stream().map(this::figure).toList();
        points(figures);
        paragraph(report.title() + " " + report.subtitle());
        report.sections().forEach(this::section);
        return out.toString();
    }

    private String figure(KeyFigure figure) {
        return figure.label() + ": " + figure.value() + " (" + figure.detail() + ")";
    }

    private void section(ReportSection section) {
        line("## " + text(section.heading()));
        if (!section.lead().isEmpty()) {
            paragraph(section.lead());
        }
        switch (section) {
            case Prose prose -> points(prose.points());
            case Table table -> {
                table(table.columns(), table.rows());
                points(table.notes());
            }
            case Charts charts -> charts.charts().forEach(this::chart);
            case Passage passage -> passage(passage);
            case Histogram histogram ->
                points(histogram.bars().stream()
                        .map(bar -> bar.label() + ": " + Numbers.percent(bar.share(), 1) + " (" + bar.detail() + ")")
                        .toList());
            case Samples samples ->
                samples.prompts().forEach(prompt -> {
                    line("### " + text(messages.format("samples.prompt") + " " + prompt.prompt()));
                    points(prompt.samples().stream()
                            .map(sample -> sample.model() + ": " + prompt.prompt() + sample.text())
                            .toList());
                });
            case Commands commands ->
                commands.commands().forEach(command -> {
                    paragraph(command.purpose());
                    code(command.line());
                });
            case Costs costs -> costs(costs);
        }
    }

    private void chart(LineChart chart) {
        line("### " + text(chart.title()));
        ChartTable table = new ChartTable(chart, messages);
        table(table.columns(), table.rows());
    }

    private void passage(Passage passage) {
        paragraph(passage.tokens().stream()
                .map(token -> token.text() + mark(token))
                .collect(Collectors.joining()));
    }

    private static String mark(PassageToken token) {
        return token.text().isEmpty() ? "" : "[" + token.depth() + "]";
    }

    private void costs(Costs costs) {
        CostTable table = new CostTable(costs, messages);
        paragraph(messages.format(
                "costs.atPrice",
                with("price", Numbers.significant(costs.price())),
                with("tokens", String.valueOf(costs.tokensPerUser()))));
        table(table.table().columns(), table.table().rows());
        points(table.sources());
        line("### " + text(messages.format("costs.how")));
        points(costs.formulas());
        points(costs.notes());
    }

    private void table(List<Column> columns, List<List<String>> rows) {
        List<Column> heads = columns.stream()
                .map(column -> new Column(text(column.title()), text(column.unit())))
                .toList();
        List<List<String>> cells = rows.stream()
                .map(row -> row.stream().map(MarkdownReport::text).toList())
                .toList();
        out.append(new TextTable(heads, cells).markdown()).append('\n');
    }

    private void points(List<String> points) {
        points.forEach(point -> out.append("- ").append(text(point)).append('\n'));
        if (!points.isEmpty()) {
            out.append('\n');
        }
    }

    private void paragraph(String paragraph) {
        line(text(paragraph));
    }

    private void line(String markdown) {
        out.append(markdown).append("\n\n");
    }

    /// Writes code between fences longer than any run of backticks in it.
    private void code(String code) {
        String fence = "```";
        while (code.contains(fence)) {
            fence += "`";
        }
        line(fence + "\n" + code + "\n" + fence);
    }

    private static String text(String text) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (SPECIAL.indexOf(c) >= 0) {
                escaped.append('\\');
            }
            escaped.append(Character.isISOControl(c) || c == '\u2028' || c == '\u2029' ? ' ' : c);
        }
        return escaped.toString();
    }
}
