package dev.saiki.report;

import dev.saiki.eval.format.Column;
import dev.saiki.eval.format.Numbers;
import dev.saiki.report.ReportSection.CostedModel;
import dev.saiki.report.ReportSection.Costs;
import java.util.List;

/// The markup of model costs: price fields that the script enables, and a table that is complete without the
/// script.
final class CostMarkup {

    private final MarkupBuilder markup;
    private final Messages messages;
    private final Costs costs;
    private final CostTable table;

    private CostMarkup(MarkupBuilder markup, Messages messages, Costs costs) {
        this.markup = markup;
        this.messages = messages;
        this.costs = costs;
        this.table = new CostTable(costs, messages);
    }

    static void write(MarkupBuilder markup, Messages messages, Costs costs) {
        new CostMarkup(markup, messages, costs).write();
    }

    private void write() {
        markup.open("div", "class", "inputs", "hidden", "").line();
        writeInput("price", messages.format("costs.inputPrice"), Numbers.significant(costs.price()), "");
        writeInput("held", messages.format("costs.inputHeld"), String.valueOf(costs.tokensPerUser()), "");
        writeInput("elsewhere", messages.format("costs.inputElsewhere"), "", messages.format("costs.optional"));
        markup.close().line();
        markup.element(
                        "p",
                        messages.format(
                                "costs.atPrice",
                                "price",
                                Numbers.significant(costs.price()),
                                "tokens",
                                String.valueOf(costs.tokensPerUser())),
                        "class",
                        "at-price")
                .line();
        writeTable();
    }

    private void writeInput(String name, String label, String value, String placeholder) {
        markup.open("label").text(label);
        markup.leaf(
                "input",
                "type",
                "number",
                "min",
                "0",
                "step",
                "any",
                "inputmode",
                "decimal",
                "autocomplete",
                "off",
                "name",
                name,
                "value",
                value,
                "placeholder",
                placeholder);
        markup.close().line();
    }

    private void writeTable() {
        markup.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", costs.heading());
        markup.open(
                "table",
                "class",
                "costs",
                "data-never",
                messages.format("costs.never"),
                "data-undecided",
                messages.format("costs.undecided"),
                "data-unmeasured",
                messages.format("costs.notMeasured"),
                "data-after",
                messages.format("costs.after", "tokens", "#"),
                "data-spread",
                messages.format("costs.spread", "value", "#", "low", "#", "high", "#"),
                "data-at",
                messages.format("costs.atPrice", "price", "#", "tokens", "#"),
                "data-ask",
                messages.format("costs.enterPrice"));
        markup.open("thead").open("tr");
        for (Column column : table.columns()) {
            markup.open("th", "scope", "col").text(column.title());
            markup.element("span", column.unit(), "class", "unit").close();
        }
        markup.close().close().line().open("tbody", "aria-live", "polite").line();
        List<List<String>> rows = table.rows();
        for (int i = 0; i < rows.size(); i++) {
            writeRow(costs.models().get(i), rows.get(i));
        }
        markup.close().close().close().line();
    }

    private void writeRow(CostedModel model, List<String> cells) {
        markup.open(
                "tr",
                "data-speed",
                data(model.tokensPerSecond()),
                "data-slowest",
                data(model.slowest()),
                "data-fastest",
                data(model.fastest()),
                "data-cache",
                data(model.cacheBytesPerToken()),
                "data-training",
                data(model.trainingSeconds()));
        markup.element("th", cells.getFirst(), "scope", "row");
        for (int column = 1; column < cells.size(); column++) {
            String computed = CostTable.COMPUTED.get(column);
            if (computed.isEmpty()) {
                markup.element("td", cells.get(column));
            } else {
                markup.element("td", cells.get(column), "data-out", computed);
            }
        }
        markup.close().line();
    }

    /// Writes a number for the script; an empty string if not measured.
    private static String data(double value) {
        return Double.isFinite(value) ? String.valueOf(value) : "";
    }
}
