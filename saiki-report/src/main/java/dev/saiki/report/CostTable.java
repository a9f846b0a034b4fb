package dev.saiki.report;

import static dev.saiki.report.Messages.with;

import dev.saiki.eval.Interval;
import dev.saiki.eval.format.Column;
import dev.saiki.eval.format.Numbers;
import dev.saiki.report.ReportSection.CostedModel;
import dev.saiki.report.ReportSection.Costs;
import dev.saiki.report.ReportSection.Table;
import java.util.List;
import java.util.function.DoubleFunction;

/// The costs of models as a table: measured figures come first, and computed figures last.
///
/// @param costs the figures
/// @param messages the language
record CostTable(Costs costs, Messages messages) {

    /// The page script's names of the columns that it updates, by position; empty for other columns.
    static final List<String> COMPUTED = List.of("", "", "", "", "million", "user", "users", "baseline", "bought");

    private static final double SECONDS_PER_HOUR = 3600;
    private static final double MIB = 1 << 20;

    /// A model with its costs.
    private record CostRow(CostedModel model, CostEstimate estimate) {}

    /// The table at the section's default price. The last column depends on a price that the reader enters.
    Table table() {
        CostedModel baseline = costs.models().getFirst();
        Column breakEven = new Column(
                messages.format("costs.breakEven", with("baseline", baseline.name())),
                messages.format("costs.computed"));
        return new TableBuilder<CostRow>(messages)
                .column("table.model", row -> row.model().name())
                .column("costs.speed", row -> speed(row.model()))
                .column("costs.cache", row -> number(row.model().cacheBytesPerToken(), CostTable::whole))
                .column("costs.training", row -> number(row.model().trainingSeconds(), CostTable::hours))
                .column("costs.perMillion", row -> perMillion(row.estimate()))
                .column("costs.perUser", row -> number(row.estimate().bytesPerUser(), CostTable::mebibytes))
                .column("costs.usersPerGib", row -> number(row.estimate().usersPerGib(), CostTable::whole))
                .column(breakEven, row -> breakEven(row.estimate()))
                .column("costs.bought", _ -> messages.format("costs.enterPrice"))
                .build(
                        costs.heading(),
                        costs.lead(),
                        costs.models().stream()
                                .map(model -> new CostRow(
                                        model, CostEstimate.of(model, baseline, costs.price(), costs.tokensPerUser())))
                                .toList());
    }

    /// Describes the conditions under which each speed was measured.
    List<String> sources() {
        return costs.models().stream()
                .map(model -> messages.format(
                        "costs.source", with("model", model.name()), with("source", model.speedSource())))
                .toList();
    }

    private String speed(CostedModel model) {
        Interval speed = new Interval(model.tokensPerSecond(), model.slowest(), model.fastest());
        return number(speed.mean(), _ -> messages.interval(speed, Numbers::significant));
    }

    private String perMillion(CostEstimate estimate) {
        Interval price = new Interval(estimate.perMillion(), estimate.perMillionLow(), estimate.perMillionHigh());
        return number(price.mean(), _ -> messages.interval(price, Numbers::significant));
    }

    private static String whole(double value) {
        return Numbers.fixed(value, 0);
    }

    private static String hours(double seconds) {
        return Numbers.significant(seconds / SECONDS_PER_HOUR) + "\u00a0h";
    }

    private static String mebibytes(double bytes) {
        return Numbers.significant(bytes / MIB) + " MiB";
    }

    private String number(double value, DoubleFunction<String> words) {
        return Double.isFinite(value) ? words.apply(value) : messages.format("costs.notMeasured");
    }

    private String breakEven(CostEstimate estimate) {
        return switch (estimate.breakEven().state()) {
            case BASELINE -> Messages.NONE;
            case NOT_MEASURED -> messages.format("costs.notMeasured");
            case UNDECIDED -> messages.format("costs.undecided");
            case NEVER -> messages.format("costs.never");
            case AFTER ->
                messages.format(
                        "costs.after",
                        with("tokens", Numbers.metric(estimate.breakEven().tokens())));
        };
    }
}
