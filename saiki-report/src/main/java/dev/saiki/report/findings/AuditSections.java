package dev.saiki.report.findings;

import dev.saiki.eval.Interval;
import dev.saiki.eval.Verdict;
import dev.saiki.eval.audit.RouterAudit;
import dev.saiki.eval.audit.RouterAudit.Calibration;
import dev.saiki.eval.audit.RouterAudit.DepthBy;
import dev.saiki.eval.audit.RouterAudit.Intervention;
import dev.saiki.eval.audit.RouterAudit.Policy;
import dev.saiki.eval.audit.RouterAudit.PolicyComparison;
import dev.saiki.eval.audit.RouterAudit.Probe;
import dev.saiki.eval.audit.RouterAudit.ProbeLevel;
import dev.saiki.eval.audit.RouterAudit.Regret;
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
        sections.add(findings());
        audit.regrets().stream().findFirst().ifPresent(regret -> sections.add(policies(regret)));
        sections.add(interventions());
        calibration().ifPresent(sections::add);
        sections.add(properties());
        if (!audit.probes().isEmpty()) {
            sections.add(probes());
        }
        return sections;
    }

    private Prose findings() {
        List<String> points = new ArrayList<>();
        audit.regrets().stream().findFirst().ifPresent(regret -> {
            inOrder(regret.comparisons()).forEach(comparison -> points.add(verdict(comparison)));
            points.add(messages.format(
                    "audit.many",
                    "number",
                    regret.comparisons().size(),
                    "depth",
                    Numbers.fixed(audit.load().meanDepth().mean(), 2)));
        });
        captured().ifPresent(points::add);
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
        return new Prose(
                messages.format("audit.heading", "model", audit.setting().model()),
                messages.format(
                        "audit.lead",
                        "samples",
                        audit.data().samples(),
                        "tokens",
                        Numbers.metric(audit.data().tokens()),
                        "text",
                        audit.setting().text()),
                points);
    }

    /// Chance over the whole text first, which is the question; then all others as they are.
    private static Stream<PolicyComparison> inOrder(List<PolicyComparison> comparisons) {
        return comparisons.stream()
                .sorted(Comparator.comparing(
                        comparison -> !comparison.baseline().equals(Policy.RANDOM + PolicyComparison.EVERYWHERE)));
    }

    private Optional<String> captured() {
        Interval share = audit.captured();
        if (!Double.isFinite(share.mean())) {
            return Optional.empty();
        }
        String percent = range(
                Numbers.percent(share.mean(), 0),
                Numbers.percent(share.low(), 0),
                Numbers.percent(share.high(), 0),
                share);
        return Optional.of(
                messages.format(share.isClear() ? "audit.captured" : "audit.capturedUndecided", "share", percent));
    }

    private String verdict(PolicyComparison comparison) {
        String key = switch (comparison.verdict()) {
            case BETTER -> "audit.better";
            case WORSE -> "audit.worse";
            case UNDECIDED -> "audit.undecided";
        };
        return messages.format(
                key, "policy", policy(comparison.baseline()), "difference", signed(comparison.difference()));
    }

    private static String tokens(List<TokenType> types) {
        return types.stream()
                .limit(MOST_TOKENS)
                .map(type -> "“" + type.text().strip() + "” " + Numbers.fixed(type.meanDepth(), 2))
                .collect(Collectors.joining(", "));
    }

    private Table policies(Regret regret) {
        List<List<String>> rows = new ArrayList<>();
        for (Policy policy : regret.policies()) {
            Optional<PolicyComparison> comparison = regret.comparisons().stream()
                    .filter(one -> one.baseline().equals(policy.name()))
                    .findFirst();
            rows.add(List.of(
                    policy(policy.name()),
                    Numbers.fixed(policy.meanDepth(), 2),
                    Numbers.fixed(policy.nll(), 3),
                    plain(policy.regret(), 3),
                    comparison.map(one -> signed(one.difference())).orElse(NONE),
                    comparison
                            .map(PolicyComparison::verdict)
                            .map(this::verdictWord)
                            .orElse(NONE)));
        }
        return new Table(
                messages.format("audit.policies"),
                messages.format("audit.policiesLead"),
                List.of(
                        new Column(messages.format("audit.policy"), ""),
                        new Column(messages.format("table.depth"), messages.format("table.depthUnit")),
                        new Column(messages.format("table.loss"), messages.format("table.lossUnit")),
                        new Column(messages.format("audit.regret"), messages.format("table.lossUnit")),
                        new Column(messages.format("audit.routerMinus"), messages.format("table.lossUnit")),
                        new Column(messages.format("audit.verdict"), "")),
                rows,
                List.of());
    }

    private String verdictWord(Verdict verdict) {
        return messages.format(
                switch (verdict) {
                    case BETTER -> "verdict.better";
                    case WORSE -> "verdict.worse";
                    case UNDECIDED -> "verdict.undecided";
                });
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

    /// The share that a step helps over the router's confidence.
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
        if (name.endsWith(PolicyComparison.EVERYWHERE)) {
            String policy = policy(name.substring(0, name.length() - PolicyComparison.EVERYWHERE.length()));
            return messages.format("policy.everywhere", "policy", policy);
        }
        if (name.startsWith(Policy.DEPTH)) {
            return messages.format("policy.depth", "depth", name.substring(Policy.DEPTH.length()));
        }
        return switch (name) {
            case Policy.ROUTER -> messages.format("policy.router");
            case Policy.RANDOM -> messages.format("policy.random");
            case Policy.POSITION_ONLY -> messages.format("policy.position");
            case Policy.FREQUENCY_ONLY -> messages.format("policy.frequency");
            case Policy.ORACLE -> messages.format("policy.oracle");
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
