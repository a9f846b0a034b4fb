package dev.saiki.report.findings;

import static dev.saiki.report.Messages.with;

import dev.saiki.eval.Interval;
import dev.saiki.eval.audit.GainRanking;
import dev.saiki.eval.audit.RouterAudit;
import dev.saiki.eval.audit.StepGain;
import dev.saiki.eval.audit.StepGain.RankedGain;
import dev.saiki.eval.format.Numbers;
import dev.saiki.report.LineChart;
import dev.saiki.report.LineChart.Point;
import dev.saiki.report.LineChart.Range;
import dev.saiki.report.LineChart.Series;
import dev.saiki.report.LineChart.Style;
import dev.saiki.report.Messages;
import dev.saiki.report.ReportSection.Charts;
import dev.saiki.report.ReportSection.Table;
import dev.saiki.report.TableBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The sections about the gain of a further recursion and the share of that gain that each ranking of the tokens
/// captures.
///
/// @param audit the audit
/// @param messages the language
record GainSections(RouterAudit audit, Messages messages) {

    private static final int DECIMALS = 4;

    /// The most important findings, one sentence each.
    List<String> points() {
        List<String> points = new ArrayList<>();
        audit.gains().stream().findFirst().ifPresent(all -> {
            points.add(messages.format(
                    all.worth().isClear() ? "gain.worth" : "gain.worthUndecided",
                    with("worth", signed(all.worth())),
                    with("helped", messages.percent(all.helped())),
                    with("following", signed(all.worthWithFollowing()))));
            all.of(GainRanking.ROUTER).flatMap(this::captured).ifPresent(points::add);
            points.add(foreseeable(all));
        });
        return points;
    }

    private Optional<String> captured(RankedGain router) {
        if (!Double.isFinite(router.capture().mean())) {
            return Optional.empty();
        }
        return Optional.of(messages.format(
                router.capture().isClear() ? "gain.captured" : "gain.capturedUndecided",
                with("share", messages.percent(router.capture())),
                with("area", messages.fixed(router.area(), 2))));
    }

    /// The share of the gain that each ranking captures, except for the router, chance and hindsight.
    private String foreseeable(StepGain all) {
        String others = all.rankings().stream()
                .filter(one -> isPossible(one.ranking()) && one.ranking() != GainRanking.ROUTER)
                .filter(one -> Double.isFinite(one.capture().mean()))
                .map(one -> name(one.ranking()) + " " + messages.percent(one.capture()))
                .collect(Collectors.joining(", "));
        return messages.format(
                others.isEmpty() ? "gain.none" : "gain.others",
                with("others", others),
                with("share", Numbers.percent(all.share(), 1)));
    }

    private static boolean isPossible(GainRanking ranking) {
        return ranking != GainRanking.HINDSIGHT && ranking != GainRanking.CHANCE;
    }

    /// A table row: one ranking at one step.
    private record GainRow(StepGain step, RankedGain ranked) {}

    /// The table of every ranking at every step.
    Table table() {
        return new TableBuilder<GainRow>(messages)
                .column("gain.ranking", row -> name(row.ranked().ranking()))
                .column("gain.stepHead", row -> step(row.step().step()))
                .column("gain.chosen", row -> Numbers.percent(row.step().share(), 1))
                .column("gain.gain", row -> signed(row.ranked().gain()))
                .column("gain.capture", row -> messages.percent(row.ranked().capture()))
                .column("gain.area", row -> messages.fixed(row.ranked().area(), 3))
                .column("gain.following", row -> signed(row.ranked().gainWithFollowing()))
                .build(
                        messages.format("gain.heading"),
                        messages.format("gain.lead"),
                        audit.gains().stream()
                                .flatMap(step -> step.rankings().stream().map(ranked -> new GainRow(step, ranked)))
                                .toList());
    }

    /// The name of a step; 0 stands for all steps.
    String step(int step) {
        return step == 0 ? messages.format("audit.allSteps") : messages.format("audit.step", with("step", step));
    }

    /// The gain as a function of the share of chosen tokens, in two charts, one without and one with
    /// hindsight, because hindsight dwarfs the other rankings.
    Optional<Charts> charts() {
        return audit.gains().stream()
                .findFirst()
                .map(all -> new Charts(
                        messages.format("gain.charts"),
                        messages.format("gain.chartsLead"),
                        List.of(
                                chart(all, "gain.chart", GainSections::isPossible),
                                chart(all, "gain.chartHindsight", _ -> true))));
    }

    private LineChart chart(StepGain all, String title, Predicate<GainRanking> shown) {
        List<Series> series = new ArrayList<>();
        for (RankedGain ranked : all.rankings()) {
            if (ranked.ranking() == GainRanking.ROUTER) {
                series.add(new Series(
                        messages.format("gain.routerPoint"),
                        List.of(new Point(100 * all.share(), ranked.gain().mean())
                                .withHeight(ranked.gain().low(), ranked.gain().high())),
                        Style.POINTS));
            } else if (ranked.ranking() == GainRanking.CHANCE || shown.test(ranked.ranking())) {
                series.add(new Series(name(ranked.ranking()), curve(ranked), Style.LINE));
            }
        }
        return new LineChart(
                messages.format(title),
                messages.format("gain.shareAxis"),
                messages.format("gain.gainAxis"),
                series,
                Optional.empty(),
                Range.FROM_ZERO);
    }

    private static List<Point> curve(RankedGain ranked) {
        return IntStream.range(0, ranked.curve().size())
                .mapToObj(i -> new Point(
                        100 * StepGain.CURVE_SHARES.get(i), ranked.curve().get(i)))
                .toList();
    }

    private String name(GainRanking ranking) {
        return messages.format(Messages.key("ranking", ranking));
    }

    private String signed(Interval interval) {
        return messages.signed(interval, DECIMALS);
    }
}
