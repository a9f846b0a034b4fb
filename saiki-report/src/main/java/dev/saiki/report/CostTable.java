package dev.saiki.report;

import dev.saiki.eval.format.Column;
import dev.saiki.eval.format.Numbers;
import dev.saiki.report.ReportSection.CostedModel;
import dev.saiki.report.ReportSection.Costs;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The costs of models as columns and rows: measured figures first, computed ones after.
final class CostTable {

    /// The columns that the page's script updates, by position.
    static final List<String> COMPUTED = List.of("", "", "", "", "million", "user", "users", "baseline", "bought");

    private final Costs costs;
    private final Messages messages;

    CostTable(Costs costs, Messages messages) {
        this.costs = costs;
        this.messages = messages;
    }

    /// The column headers, the last one for a price that the reader enters.
    List<Column> columns() {
        return List.of(
                new Column(messages.format("table.model"), ""),
                new Column(messages.format("costs.speed"), messages.format("costs.measured")),
                new Column(messages.format("costs.cache"), messages.format("costs.measured")),
                new Column(messages.format("costs.training"), messages.format("costs.measured")),
                new Column(messages.format("costs.perMillion"), messages.format("costs.computed")),
                new Column(messages.format("costs.perUser"), messages.format("costs.computed")),
                new Column(messages.format("costs.usersPerGib"), messages.format("costs.computed")),
                new Column(
                        messages.format(
                                "costs.breakEven", "baseline", baseline().name()),
                        messages.format("costs.computed")),
                new Column(messages.format("costs.bought"), messages.format("costs.computed")));
    }

    /// The rows, at the section's default price.
    List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        for (CostedModel model : costs.models()) {
            CostEstimate figures = CostEstimate.of(model, baseline(), costs.price(), costs.tokensPerUser());
            rows.add(List.of(
                    model.name(),
                    speed(model),
                    Double.isFinite(model.cacheBytesPerToken())
                            ? Numbers.fixed(model.cacheBytesPerToken(), 0)
                            : messages.format("costs.notMeasured"),
                    training(model),
                    figures.perMillionText(messages),
                    figures.userText(messages),
                    figures.usersText(messages),
                    figures.breakEvenText(messages),
                    messages.format("costs.enterPrice")));
        }
        return rows;
    }

    /// Describes how each speed was measured.
    List<String> sources() {
        return costs.models().stream()
                .map(model -> messages.format("costs.source", "model", model.name(), "source", model.speedSource()))
                .toList();
    }

    CostedModel baseline() {
        return costs.models().getFirst();
    }

    private String speed(CostedModel model) {
        return Double.isFinite(model.tokensPerSecond())
                ? messages.format(
                        "costs.spread",
                        "value",
                        Numbers.significant(model.tokensPerSecond()),
                        "low",
                        Numbers.significant(model.slowest()),
                        "high",
                        Numbers.significant(model.fastest()))
                : messages.format("costs.notMeasured");
    }

    private String training(CostedModel model) {
        return Double.isFinite(model.trainingSeconds())
                ? String.format(Locale.ROOT, "%s\u00a0h", Numbers.significant(model.trainingSeconds() / 3600))
                : messages.format("costs.notMeasured");
    }
}
