package dev.saiki.report;

import static dev.saiki.report.Messages.with;

import dev.saiki.eval.Interval;
import dev.saiki.eval.format.Column;
import dev.saiki.eval.format.Numbers;
import dev.saiki.report.ReportSection.CostedModel;
import dev.saiki.report.ReportSection.Costs;
import dev.saiki.report.ReportSection.Table;
import java.util.List;

/// The markup of the costs of models: input fields that the script enables, and a table that is complete
/// without the script.
///
/// @param markup the page
/// @param messages the language
/// @param costs the costs
record CostMarkup(MarkupBuilder markup, Messages messages, Costs costs) {

    void write() {
        markup.open("div", "class", "inputs", "hidden", "").line();
        writeInput("price", messages.format("costs.inputPrice"), Numbers.significant(costs.price()), "");
        writeInput("held", messages.format("costs.inputHeld"), String.valueOf(costs.tokensPerUser()), "");
        writeInput("elsewhere", messages.format("costs.inputElsewhere"), "", messages.format("costs.optional"));
        markup.close().line();
        String prices = messages.format(
                "costs.atPrice",
                with("price", Numbers.significant(costs.price())),
                with("tokens", costs.tokensPerUser()));
        markup.element("p", prices, "class", "at-price").line();
        writeTable();
    }

    private void writeInput(String name, String label, String value, String placeholder) {
        markup.open("label").text(label);
        markup.leaf("input", "type", "number", "min", "0", "step", "any", "inputmode", "decimal")
                .attribute("autocomplete", "off")
                .attribute("name", name)
                .attribute("value", value)
                .attribute("placeholder", placeholder);
        markup.close().line();
    }

    private void writeTable() {
        markup.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", costs.heading());
        markup.open("table", "class", "costs")
                .attribute("data-never", messages.format("costs.never"))
                .attribute("data-undecided", messages.format("costs.undecided"))
                .attribute("data-unmeasured", messages.format("costs.notMeasured"))
                .attribute("data-after", messages.format("costs.after", with("tokens", "#")))
                .attribute("data-spread", messages.interval(new Interval(0, 0, 0), _ -> "#"))
                .attribute("data-at", messages.format("costs.atPrice", with("price", "#"), with("tokens", "#")))
                .attribute("data-ask", messages.format("costs.enterPrice"));
        Table table = new CostTable(costs, messages).table();
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
        markup.open("tr")
                .attribute("data-speed", data(model.tokensPerSecond()))
                .attribute("data-slowest", data(model.slowest()))
                .attribute("data-fastest", data(model.fastest()))
                .attribute("data-cache", data(model.cacheBytesPerToken()))
                .attribute("data-training", data(model.trainingSeconds()));
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
