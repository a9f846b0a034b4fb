package dev.saiki.report.findings;

import dev.saiki.eval.Interval;
import dev.saiki.eval.Verdict;
import dev.saiki.eval.audit.RouterAudit;
import dev.saiki.eval.audit.RouterAudit.Calibration;
import dev.saiki.eval.audit.RouterAudit.Comparison;
import dev.saiki.eval.audit.RouterAudit.DepthBy;
import dev.saiki.eval.audit.RouterAudit.Intervention;
import dev.saiki.eval.audit.RouterAudit.Policy;
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
import dev.saiki.report.ReportSection;
import dev.saiki.report.ReportSection.Charts;
import dev.saiki.report.ReportSection.Prose;
import dev.saiki.report.ReportSection.Table;
import dev.saiki.report.Words;
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
    private final Words words;

    AuditSections(RouterAudit audit, Words words) {
        this.audit = audit;
        this.words = words;
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
            points.add(words.say(
                    "audit.many",
                    "number",
                    regret.comparisons().size(),
                    "depth",
                    Numbers.fixed(audit.load().meanDepth().mean(), 2)));
        });
        captured().ifPresent(points::add);
        points.add(words.say(
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
        points.add(words.say("audit.deepest", "tokens", tokens(audit.deepestTokens())));
        points.add(words.say("audit.shallowest", "tokens", tokens(audit.shallowestTokens())));
        return new Prose(
                words.say("audit.heading", "model", audit.setting().model()),
                words.say(
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
    private static Stream<Comparison> inOrder(List<Comparison> comparisons) {
        return comparisons.stream()
                .sorted(Comparator.comparing(
                        comparison -> !comparison.baseline().equals(Policy.RANDOM + Comparison.EVERYWHERE)));
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
        return Optional.of(words.say(share.isClear() ? "audit.captured" : "audit.capturedUndecided", "share", percent));
    }

    private String verdict(Comparison comparison) {
        String key = switch (comparison.verdict()) {
            case BETTER -> "audit.better";
            case WORSE -> "audit.worse";
            case UNDECIDED -> "audit.undecided";
        };
        return words.say(key, "policy", policy(comparison.baseline()), "difference", signed(comparison.difference()));
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
            Optional<Comparison> comparison = regret.comparisons().stream()
                    .filter(one -> one.baseline().equals(policy.name()))
                    .findFirst();
            rows.add(List.of(
                    policy(policy.name()),
                    Numbers.fixed(policy.meanDepth(), 2),
                    Numbers.fixed(policy.nll(), 3),
                    plain(policy.regret(), 3),
                    comparison.map(one -> signed(one.difference())).orElse(NONE),
                    comparison.map(Comparison::verdict).map(this::verdictWord).orElse(NONE)));
        }
        return new Table(
                words.say("audit.policies"),
                words.say("audit.policiesLead"),
                List.of(
                        new Column(words.say("audit.policy"), ""),
                        new Column(words.say("table.depth"), words.say("table.depthUnit")),
                        new Column(words.say("table.loss"), words.say("table.lossUnit")),
                        new Column(words.say("audit.regret"), words.say("table.lossUnit")),
                        new Column(words.say("audit.routerMinus"), words.say("table.lossUnit")),
                        new Column(words.say("audit.verdict"), "")),
                rows,
                List.of());
    }

    private String verdictWord(Verdict verdict) {
        return words.say(
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
                words.say("audit.interventions"),
                words.say("audit.interventionsLead"),
                List.of(
                        new Column(words.say("audit.change"), words.say("table.depthUnit")),
                        new Column(words.say("audit.samples"), words.say("audit.samplesUnit")),
                        new Column(words.say("audit.helped"), words.say("audit.samplesShare")),
                        new Column(words.say("audit.hurt"), words.say("audit.samplesShare")),
                        new Column(words.say("audit.effect"), words.say("table.lossUnit")),
                        new Column(words.say("audit.following"), words.say("audit.followingUnit")),
                        new Column(words.say("audit.mended"), words.say("audit.samplesShare")),
                        new Column(words.say("audit.broken"), words.say("audit.samplesShare"))),
                rows,
                List.of());
    }

    private String change(Intervention one) {
        String change = Numbers.signed(one.change(), 0);
        return one.chosenDepth() == 0
                ? words.say("audit.changeAll", "change", change)
                : words.say("audit.changeFrom", "change", change, "depth", one.chosenDepth());
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
                words.say("audit.calibrationChart"),
                words.say("audit.confidence"),
                words.say("audit.helpedShare"),
                series,
                Optional.empty(),
                Range.FITTED);
        return Optional.of(new Charts(
                words.say("audit.calibration"),
                words.say("audit.calibrationLead", "discrimination", discrimination()),
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
                        ? words.say("audit.allSteps")
                        : words.say("audit.step", "step", calibration.step()),
                calibration.bins().stream()
                        .map(bin -> new Point(bin.meanConfidence(), bin.helped().mean())
                                .withHeight(bin.helped().low(), bin.helped().high()))
                        .toList(),
                Style.JOINED_POINTS);
    }

    private Table properties() {
        return new Table(
                words.say("audit.properties"),
                words.say("audit.propertiesLead"),
                List.of(new Column(words.say("audit.property"), ""), new Column(words.say("audit.correlation"), "")),
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
                words.say("audit.probes"),
                words.say("audit.probesLead"),
                Stream.of(
                                "tasks.task",
                                "audit.difficulty",
                                "audit.samples",
                                "table.depth",
                                "audit.accuracy",
                                "audit.correlation")
                        .map(key -> new Column(words.say(key), ""))
                        .toList(),
                rows,
                List.of());
    }

    private String policy(String name) {
        if (name.endsWith(Comparison.EVERYWHERE)) {
            String policy = policy(name.substring(0, name.length() - Comparison.EVERYWHERE.length()));
            return words.say("policy.everywhere", "policy", policy);
        }
        if (name.startsWith(Policy.DEPTH)) {
            return words.say("policy.depth", "depth", name.substring(Policy.DEPTH.length()));
        }
        return switch (name) {
            case Policy.ROUTER -> words.say("policy.router");
            case Policy.RANDOM -> words.say("policy.random");
            case Policy.POSITION_ONLY -> words.say("policy.position");
            case Policy.FREQUENCY_ONLY -> words.say("policy.frequency");
            case Policy.ORACLE -> words.say("policy.oracle");
            default -> name;
        };
    }

    private String property(String name) {
        return switch (name) {
            case DepthBy.TOKEN_RANK -> words.say("property.rank");
            case DepthBy.NEXT_TOKEN_RANK -> words.say("property.nextRank");
            case DepthBy.POSITION -> words.say("property.position");
            case DepthBy.ENTROPY_AT_DEPTH_ONE -> words.say("property.entropyFirst");
            case DepthBy.ENTROPY_AT_FULL_DEPTH -> words.say("property.entropyFull");
            case DepthBy.SURPRISE -> words.say("property.surprise");
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
                ? words.say("number.withRange", "value", mean, "low", low, "high", high)
                : mean;
    }
}
