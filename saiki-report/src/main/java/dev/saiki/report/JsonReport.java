package dev.saiki.report;

import dev.saiki.eval.RecordJson;
import dev.saiki.report.ReportSection.Costs;
import dev.saiki.report.ReportSection.Table;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A report as JSON: its records in snake case, each section with its `kind`, and costs including the computed
/// figures.
public final class JsonReport {

    private JsonReport() {}

    /// Writes a report.
    ///
    /// @param report the content
    /// @return an indented document with a final line break
    public static String write(Report report) {
        ObjectNode root = RecordJson.MAPPER.valueToTree(report);
        root.put("language", report.language().tag());
        ArrayNode sections = root.putArray("sections");
        for (ReportSection section : report.sections()) {
            ObjectNode node = sections.addObject();
            node.put("kind", section.getClass().getSimpleName().toLowerCase(Locale.ROOT));
            node.setAll((ObjectNode) RecordJson.MAPPER.valueToTree(section));
            if (section instanceof Costs costs) {
                Table table = new CostTable(costs, Messages.in(report.language())).table();
                node.set("columns", RecordJson.MAPPER.valueToTree(table.columns()));
                node.set("rows", RecordJson.MAPPER.valueToTree(table.rows()));
            }
        }
        return RecordJson.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    }
}
