package dev.saiki.report.findings;

import dev.saiki.eval.Interval;
import dev.saiki.eval.audit.RouterAudit;
import dev.saiki.eval.audit.RouterAudit.Calibration;
import dev.saiki.eval.audit.RouterAudit.DepthBy;
import dev.saiki.eval.audit.RouterAudit.Intervention;
import dev.saiki.eval.audit.RouterAudit.PolicyComparison;
import dev.saiki.eval.audit.RouterAudit.Probe;
import dev.saiki.eval.audit.RouterAudit.ProbeLevel;
import dev.saiki.eval.audit.RouterAudit.TokenType;
import dev.saiki.eval.format.Column;
import dev.saiki.eval.format.Numbers;
import dev.saiki.report.LineChart;
import dev.saiki.report.LineChart.Point;
import dev.saiki.report.LineChart.Range;
import dev.saiki.report.LineChart.Series;
import dev.saiki.report.LineChart.Style;
import dev.saiki.report.Messages;
import dev.saiki.report.ReportSection;
import dev.saiki.report.ReportSection.Charts;
import dev.saiki.report.ReportSection.Prose;
import dev.saiki.report.ReportSection.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The sections about one audit of a router.
final class AuditSections {

    private static final String NONE = "–";
    private static final int MOST_TOKENS = 20;

    private final RouterAudit audit;
    private final Messages messages;

    AuditSections(RouterAudit audit, Messages messages) {
        this.audit = audit;
        this.messages = messages;
    }

    /// All of them, in order.
    List<ReportSection> all() {
        List<ReportSection> sections = new ArrayList<>();
        GainSections gains = new GainSections(audit, messages);
        sections.add(findings(gains));
        gains.charts().ifPresent(sections::add);
        sections.add(gains.table());
        sections.add(interventions());
        calibration().ifPresent(sections::add);
        if (audit.isRouted()) {
            sections.add(properties());
        }
        if (!audit.probes().isEmpty()) {
            sections.add(probes());
        }
        return sections;
    }

    private Prose findings(GainSections gains) {
        List<String> points = new ArrayList<>(gains.points());
        inOrder(audit.comparisons()).forEach(comparison -> points.add(verdict(comparison)));
        if (audit.isRouted()) {
            points.add(messages.format(
                    "audit.many",
                    "number",
                    audit.comparisons().size(),
                    "depth",
                    Numbers.fixed(audit.load().meanDepth().mean(), 2)));
            addDepths(points);
        }
        if (audit.data().hasFewClusters()) {
            points.add(messages.format(
                    "audit.few", "number", audit.data().clusters(), "fewest", RouterAudit.AuditedText.FEW_CLUSTERS));
        }
        return new Prose(
                messages.format(
                        audit.isRouted() ? "audit.heading" : "audit.headingFixed",
                        "model",
                        audit.setting().model()),
                messages.format(
                        audit.isRouted() ? "audit.lead" : "audit.leadFixed",
                        "samples",
                        audit.data().samples(),
                        "tokens",
                        Numbers.metric(audit.data().tokens()),
                        "text",
                        audit.setting().text()),
                points);
    }

    private void addDepths(List<String> points) {
        points.add(messages.format(
                "audit.dead",
                "positionsNever",
                audit.dead().positionsNeverOn(),
                "positions",
                audit.dead().positions(),
                "typesNever",
                audit.dead().tokenTypesNeverOn(),
                "types",
                audit.dead().tokenTypes(),
                "fewest",
                audit.dead().fewest()));
        points.add(messages.format("audit.deepest", "tokens", tokens(audit.deepestTokens())));
        points.add(messages.format("audit.shallowest", "tokens", tokens(audit.shallowestTokens())));
    }

    /// The comparison with chance over the whole text comes first, since it is the main question; the others keep
    /// their order.
    private static Stream<PolicyComparison> inOrder(List<PolicyComparison> comparisons) {
        return comparisons.stream()
                .sorted(Comparator.comparing(
                        comparison -> !comparison.baseline().equals(PolicyComparison.RANDOM)));
    }

    private String verdict(PolicyComparison comparison) {
        String key = switch (comparison.verdict()) {
            case BETTER -> "better";
            case WORSE -> "worse";
            case UNDECIDED -> "undecided";
        };
        return messages.format(
                (audit.isRouted() ? "audit." : "audit.fixed.") + key,
                "policy",
                policy(comparison.baseline()),
                "difference",
                signed(comparison.difference()));
    }

    private static String tokens(List<TokenType> types) {
        return types.stream()
                .limit(MOST_TOKENS)
                .map(type -> "“" + type.text().strip() + "” " + Numbers.fixed(type.meanDepth(), 2))
                .collect(Collectors.joining(", "));
    }

    private Table interventions() {
        List<List<String>> rows = new ArrayList<>();
        for (Intervention one : audit.interventions()) {
            rows.add(List.of(
                    change(one),
                    String.valueOf(one.samples()),
                    percent(one.helped()),
                    percent(one.hurt()),
                    signed(one.effect()),
                    signed(one.effectOnFollowing()),
                    percent(one.mended()),
                    percent(one.broken())));
        }
        return new Table(
                messages.format("audit.interventions"),
                messages.format("audit.interventionsLead"),
                List.of(
                        new Column(messages.format("audit.change"), messages.format("table.depthUnit")),
                        new Column(messages.format("audit.samples"), messages.format("audit.samplesUnit")),
                        new Column(messages.format("audit.helped"), messages.format("audit.samplesShare")),
                        new Column(messages.format("audit.hurt"), messages.format("audit.samplesShare")),
                        new Column(messages.format("audit.effect"), messages.format("table.lossUnit")),
                        new Column(messages.format("audit.following"), messages.format("audit.followingUnit")),
                        new Column(messages.format("audit.mended"), messages.format("audit.samplesShare")),
                        new Column(messages.format("audit.broken"), messages.format("audit.samplesShare"))),
                rows,
                List.of());
    }

    private String change(Intervention one) {
        String change = Numbers.signed(one.change(), 0);
        return one.chosenDepth() == 0
                ? messages.format("audit.changeAll", "change", change)
                : messages.format("audit.changeFrom", "change", change, "depth", one.chosenDepth());
    }

    /// The share of tokens that a step helps, over the router's confidence.
    private Optional<Charts> calibration() {
        List<Series> series = audit.calibrations().stream()
                .filter(calibration -> !calibration.bins().isEmpty())
                .map(this::series)
                .toList();
        if (series.isEmpty()) {
            return Optional.empty();
        }
        LineChart chart = new LineChart(
                messages.format("audit.calibrationChart"),
                messages.format("audit.confidence"),
                messages.format("audit.helpedShare"),
                series,
                Optional.empty(),
                Range.FITTED);
        return Optional.of(new Charts(
                messages.format("audit.calibration"),
                messages.format("audit.calibrationLead", "discrimination", discrimination()),
                List.of(chart)));
    }

    private String discrimination() {
        return audit.calibrations().stream()
                .filter(calibration -> calibration.step() == 0)
                .map(calibration -> plain(calibration.discrimination(), 2))
                .findFirst()
                .orElse(NONE);
    }

    private Series series(Calibration calibration) {
        return new Series(
                calibration.step() == 0
                        ? messages.format("audit.allSteps")
                        : messages.format("audit.step", "step", calibration.step()),
                calibration.bins().stream()
                        .map(bin -> new Point(bin.meanConfidence(), bin.helped().mean())
                                .withHeight(bin.helped().low(), bin.helped().high()))
                        .toList(),
                Style.JOINED_POINTS);
    }

    private Table properties() {
        return new Table(
                messages.format("audit.properties"),
                messages.format("audit.propertiesLead"),
                List.of(
                        new Column(messages.format("audit.property"), ""),
                        new Column(messages.format("audit.correlation"), "")),
                audit.depthBy().stream()
                        .map(by -> List.of(property(by.property()), signed(by.correlation())))
                        .toList(),
                List.of());
    }

    private Table probes() {
        List<List<String>> rows = new ArrayList<>();
        for (Probe probe : audit.probes()) {
            for (ProbeLevel level : probe.levels()) {
                rows.add(List.of(
                        probe.task(),
                        String.valueOf(level.difficulty()),
                        String.valueOf(level.problems()),
                        plain(level.depth(), 2),
                        percent(level.accuracy()),
                        signed(probe.correlation())));
            }
        }
        return new Table(
                messages.format("audit.probes"),
                messages.format("audit.probesLead"),
                Stream.of(
                                "tasks.task",
                                "audit.difficulty",
                                "audit.samples",
                                "table.depth",
                                "audit.accuracy",
                                "audit.correlation")
                        .map(key -> new Column(messages.format(key), ""))
                        .toList(),
                rows,
                List.of());
    }

    private String policy(String name) {
        if (name.startsWith(PolicyComparison.DEPTH)) {
            return messages.format("policy.depth", "depth", name.substring(PolicyComparison.DEPTH.length()));
        }
        return switch (name) {
            case PolicyComparison.RANDOM -> messages.format("policy.random");
            case PolicyComparison.POSITION_ONLY -> messages.format("policy.position");
            case PolicyComparison.FREQUENCY_ONLY -> messages.format("policy.frequency");
            default -> name;
        };
    }

    private String property(String name) {
        return switch (name) {
            case DepthBy.TOKEN_RANK -> messages.format("property.rank");
            case DepthBy.NEXT_TOKEN_RANK -> messages.format("property.nextRank");
            case DepthBy.POSITION -> messages.format("property.position");
            case DepthBy.ENTROPY_AT_DEPTH_ONE -> messages.format("property.entropyFirst");
            case DepthBy.ENTROPY_AT_FULL_DEPTH -> messages.format("property.entropyFull");
            case DepthBy.SURPRISE -> messages.format("property.surprise");
            default -> name;
        };
    }

    private String signed(Interval interval) {
        return range(
                Numbers.signed(interval.mean(), 3),
                Numbers.signed(interval.low(), 3),
                Numbers.signed(interval.high(), 3),
                interval);
    }

    private String plain(Interval interval, int decimals) {
        return range(
                Numbers.fixed(interval.mean(), decimals),
                Numbers.fixed(interval.low(), decimals),
                Numbers.fixed(interval.high(), decimals),
                interval);
    }

    private String percent(Interval interval) {
        return range(
                Numbers.percent(interval.mean(), 1),
                Numbers.percent(interval.low(), 1),
                Numbers.percent(interval.high(), 1),
                interval);
    }

    private String range(String mean, String low, String high, Interval interval) {
        if (!Double.isFinite(interval.mean())) {
            return NONE;
        }
        return Double.isFinite(interval.low())
                ? messages.format("number.withRange", "value", mean, "low", low, "high", high)
                : mean;
    }
}
