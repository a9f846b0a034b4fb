package dev.saiki.report.findings;

import dev.saiki.eval.Interval;
import dev.saiki.eval.audit.GainRanking;
import dev.saiki.eval.audit.RouterAudit;
import dev.saiki.eval.audit.StepGain;
import dev.saiki.eval.audit.StepGain.RankedGain;
import dev.saiki.eval.format.Column;
import dev.saiki.eval.format.Numbers;
import dev.saiki.report.LineChart;
import dev.saiki.report.LineChart.Point;
import dev.saiki.report.LineChart.Range;
import dev.saiki.report.LineChart.Series;
import dev.saiki.report.LineChart.Style;
import dev.saiki.report.Messages;
import dev.saiki.report.ReportSection.Charts;
import dev.saiki.report.ReportSection.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The sections about the gain of a further recursion and the share of it that each ranking captures.
final class GainSections {

    private static final int DECIMALS = 4;
    private static final String NONE = "–";

    private final RouterAudit audit;
    private final Messages messages;

    GainSections(RouterAudit audit, Messages messages) {
        this.audit = audit;
        this.messages = messages;
    }

    /// The most important findings, one sentence each.
    List<String> points() {
        List<String> points = new ArrayList<>();
        audit.gains().stream().findFirst().ifPresent(all -> {
            points.add(messages.format(
                    all.worth().isClear() ? "gain.worth" : "gain.worthUndecided",
                    "worth",
                    signed(all.worth()),
                    "helped",
                    percent(all.helped()),
                    "following",
                    signed(all.worthWithFollowing())));
            all.of(GainRanking.ROUTER).flatMap(this::captured).ifPresent(points::add);
            foreseeable(all).ifPresent(points::add);
        });
        return points;
    }

    private Optional<String> captured(RankedGain router) {
        if (!Double.isFinite(router.capture().mean())) {
            return Optional.empty();
        }
        return Optional.of(messages.format(
                router.capture().isClear() ? "gain.captured" : "gain.capturedUndecided",
                "share",
                percent(router.capture()),
                "area",
                plain(router.area(), 2)));
    }

    /// The share that the other rankings capture that do not know the next token either.
    private Optional<String> foreseeable(StepGain all) {
        String others = all.rankings().stream()
                .filter(one -> isPossible(one.ranking()) && one.ranking() != GainRanking.ROUTER)
                .filter(one -> Double.isFinite(one.capture().mean()))
                .map(one -> name(one.ranking()) + " " + percent(one.capture()))
                .collect(Collectors.joining(", "));
        return others.isEmpty() ? Optional.empty() : Optional.of(messages.format("gain.others", "others", others));
    }

    private static boolean isPossible(GainRanking ranking) {
        return ranking != GainRanking.HINDSIGHT && ranking != GainRanking.CHANCE;
    }

    /// Every ranking at every step.
    Table table() {
        List<List<String>> rows = new ArrayList<>();
        for (StepGain gain : audit.gains()) {
            for (RankedGain ranked : gain.rankings()) {
                rows.add(List.of(
                        name(ranked.ranking()),
                        step(gain),
                        Numbers.percent(gain.share(), 0),
                        signed(ranked.gain()),
                        percent(ranked.capture()),
                        plain(ranked.area(), 3),
                        signed(ranked.gainWithFollowing())));
            }
        }
        return new Table(
                messages.format("gain.heading"),
                messages.format("gain.lead"),
                List.of(
                        new Column(messages.format("gain.ranking"), ""),
                        new Column(messages.format("gain.stepHead"), ""),
                        new Column(messages.format("gain.chosen"), messages.format("gain.chosenUnit")),
                        new Column(messages.format("gain.gain"), messages.format("table.lossUnit")),
                        new Column(messages.format("gain.capture"), ""),
                        new Column(messages.format("gain.area"), ""),
                        new Column(messages.format("gain.following"), messages.format("audit.followingUnit"))),
                rows,
                List.of());
    }

    private String step(StepGain gain) {
        return gain.step() == 0
                ? messages.format("audit.allSteps")
                : messages.format("audit.step", "step", gain.step());
    }

    /// The gain over the share of chosen tokens, in two charts: with hindsight, and without, since hindsight
    /// dwarfs the rest.
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
        return messages.format(
                switch (ranking) {
                    case ROUTER -> "policy.router";
                    case CHANCE -> "ranking.chance";
                    case POSITION -> "ranking.position";
                    case CONFIDENCE -> "ranking.confidence";
                    case MOVEMENT -> "ranking.movement";
                    case REGRESSION -> "ranking.regression";
                    case FORESEEABLE -> "ranking.foreseeable";
                    case HINDSIGHT -> "ranking.hindsight";
                });
    }

    private String signed(Interval interval) {
        return range(
                interval,
                Numbers.signed(interval.mean(), DECIMALS),
                Numbers.signed(interval.low(), DECIMALS),
                Numbers.signed(interval.high(), DECIMALS));
    }

    private String percent(Interval interval) {
        return range(
                interval,
                Numbers.percent(interval.mean(), 1),
                Numbers.percent(interval.low(), 1),
                Numbers.percent(interval.high(), 1));
    }

    private String plain(Interval interval, int decimals) {
        return range(
                interval,
                Numbers.fixed(interval.mean(), decimals),
                Numbers.fixed(interval.low(), decimals),
                Numbers.fixed(interval.high(), decimals));
    }

    private String range(Interval interval, String mean, String low, String high) {
        if (!Double.isFinite(interval.mean())) {
            return NONE;
        }
        return Double.isFinite(interval.low())
                ? messages.format("number.withRange", "value", mean, "low", low, "high", high)
                : mean;
    }
}
