package dev.saiki.report;

import dev.saiki.eval.format.Column;
import dev.saiki.eval.format.Numbers;
import dev.saiki.report.ReportSection.CostedModel;
import dev.saiki.report.ReportSection.Costs;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The costs of models as columns and rows: measured figures first, what follows from them after.
final class CostTable {

    /// The columns that the script of the page fills, by position.
    static final List<String> COMPUTED = List.of("", "", "", "", "million", "user", "users", "baseline", "bought");

    private final Costs costs;
    private final Words words;

    CostTable(Costs costs, Words words) {
        this.costs = costs;
        this.words = words;
    }

    /// The heads of the columns, the last for a price that only the reader knows.
    List<Column> columns() {
        return List.of(
                new Column(words.say("table.model"), ""),
                new Column(words.say("costs.speed"), words.say("costs.measured")),
                new Column(words.say("costs.cache"), words.say("costs.measured")),
                new Column(words.say("costs.training"), words.say("costs.measured")),
                new Column(words.say("costs.perMillion"), words.say("costs.computed")),
                new Column(words.say("costs.perUser"), words.say("costs.computed")),
                new Column(words.say("costs.usersPerGib"), words.say("costs.computed")),
                new Column(words.say("costs.breakEven", "baseline", baseline().name()), words.say("costs.computed")),
                new Column(words.say("costs.bought"), words.say("costs.computed")));
    }

    /// The rows, at the section's own price.
    List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        for (CostedModel model : costs.models()) {
            CostFigures figures = CostFigures.of(model, baseline(), costs.price(), costs.tokensPerUser());
            rows.add(List.of(
                    model.name(),
                    speed(model),
                    Double.isFinite(model.cacheBytesPerToken())
                            ? Numbers.fixed(model.cacheBytesPerToken(), 0)
                            : words.say("costs.notMeasured"),
                    training(model),
                    figures.perMillionText(words),
                    figures.userText(words),
                    figures.usersText(words),
                    figures.breakEvenText(words),
                    words.say("costs.enterPrice")));
        }
        return rows;
    }

    /// Says how each speed was measured.
    List<String> sources() {
        return costs.models().stream()
                .map(model -> words.say("costs.source", "model", model.name(), "source", model.speedSource()))
                .toList();
    }

    CostedModel baseline() {
        return costs.models().getFirst();
    }

    private String speed(CostedModel model) {
        return Double.isFinite(model.tokensPerSecond())
                ? words.say(
                        "costs.spread",
                        "value",
                        Numbers.significant(model.tokensPerSecond()),
                        "low",
                        Numbers.significant(model.slowest()),
                        "high",
                        Numbers.significant(model.fastest()))
                : words.say("costs.notMeasured");
    }

    private String training(CostedModel model) {
        return Double.isFinite(model.trainingSeconds())
                ? String.format(Locale.ROOT, "%s\u00a0h", Numbers.significant(model.trainingSeconds() / 3600))
                : words.say("costs.notMeasured");
    }
}
