package dev.saiki.report.findings;

import static dev.saiki.report.Messages.with;

import dev.saiki.eval.audit.RouterAudit;
import dev.saiki.eval.audit.RouterAudit.Calibration;
import dev.saiki.eval.audit.RouterAudit.DepthBy;
import dev.saiki.eval.audit.RouterAudit.Intervention;
import dev.saiki.eval.audit.RouterAudit.PolicyComparison;
import dev.saiki.eval.audit.RouterAudit.TokenType;
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
import dev.saiki.report.TableBuilder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The sections about one audit of a router.
///
/// @param audit the audit
/// @param messages the language
record AuditSections(RouterAudit audit, Messages messages) {

    private static final int DECIMALS = 3;
    private static final int MAX_TOKENS = 20;

    /// All sections, in order.
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
        return sections;
    }

    private Prose findings(GainSections gains) {
        List<String> points = new ArrayList<>(gains.points());
        inOrder(audit.comparisons()).forEach(comparison -> points.add(verdict(comparison)));
        if (audit.isRouted()) {
            points.add(messages.format(
                    "audit.many",
                    with("number", audit.comparisons().size()),
                    with("depth", Numbers.fixed(audit.load().meanDepth().mean(), 2))));
            addDepths(points);
        }
        if (audit.data().hasFewClusters()) {
            points.add(messages.format(
                    "audit.few",
                    with("number", audit.data().clusters()),
                    with("fewest", RouterAudit.AuditedText.FEW_CLUSTERS)));
        }
        return new Prose(
                messages.format(
                        audit.isRouted() ? "audit.heading" : "audit.headingFixed",
                        with("model", audit.setting().model())),
                messages.format(
                        audit.isRouted() ? "audit.lead" : "audit.leadFixed",
                        with("samples", audit.data().samples()),
                        with("tokens", Numbers.metric(audit.data().tokens())),
                        with("text", audit.setting().text())),
                points);
    }

    private void addDepths(List<String> points) {
        points.add(messages.format(
                "audit.dead",
                with("positionsNever", audit.dead().positionsNeverOn()),
                with("positions", audit.dead().positions()),
                with("typesNever", audit.dead().tokenTypesNeverOn()),
                with("types", audit.dead().tokenTypes()),
                with("fewest", audit.dead().fewest())));
        points.add(messages.format("audit.deepest", with("tokens", tokens(audit.deepestTokens()))));
        points.add(messages.format("audit.shallowest", with("tokens", tokens(audit.shallowestTokens()))));
    }

    /// The comparison with chance comes first, since it is the main question; the other comparisons keep their
    /// order.
    private static Stream<PolicyComparison> inOrder(List<PolicyComparison> comparisons) {
        return comparisons.stream()
                .sorted(Comparator.comparing(
                        comparison -> !comparison.baseline().equals(PolicyComparison.RANDOM)));
    }

    private String verdict(PolicyComparison comparison) {
        return messages.format(
                Messages.key(audit.isRouted() ? "audit" : "audit.fixed", comparison.verdict()),
                with("policy", policy(comparison.baseline())),
                with("difference", messages.signed(comparison.difference(), DECIMALS)));
    }

    private static String tokens(List<TokenType> types) {
        return types.stream()
                .limit(MAX_TOKENS)
                .map(type -> "“" + type.text().strip() + "” " + Numbers.fixed(type.meanDepth(), 2))
                .collect(Collectors.joining(", "));
    }

    private Table interventions() {
        return new TableBuilder<Intervention>(messages)
                .column("audit.change", "table.depthUnit", this::change)
                .column("audit.samples", one -> String.valueOf(one.samples()))
                .column("audit.helped", "audit.samplesShare", one -> messages.percent(one.helped()))
                .column("audit.hurt", "audit.samplesShare", one -> messages.percent(one.hurt()))
                .column("audit.effect", "table.lossUnit", one -> messages.signed(one.effect(), DECIMALS))
                .column("audit.following", one -> messages.signed(one.effectOnFollowing(), DECIMALS))
                .column("audit.mended", "audit.samplesShare", one -> messages.percent(one.mended()))
                .column("audit.broken", "audit.samplesShare", one -> messages.percent(one.broken()))
                .build(
                        messages.format("audit.interventions"),
                        messages.format("audit.interventionsLead"),
                        audit.interventions());
    }

    private String change(Intervention one) {
        String change = Numbers.signed(one.change(), 0);
        return one.chosenDepth() == 0
                ? messages.format("audit.changeAll", with("change", change))
                : messages.format("audit.changeFrom", with("change", change), with("depth", one.chosenDepth()));
    }

    /// The share of tokens that a step helps, as a function of the router's confidence.
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
                messages.format("audit.calibrationLead", with("discrimination", discrimination())),
                List.of(chart)));
    }

    private String discrimination() {
        return audit.calibrations().stream()
                .filter(calibration -> calibration.step() == 0)
                .map(calibration -> messages.fixed(calibration.discrimination(), 2))
                .findFirst()
                .orElse(Messages.NONE);
    }

    private Series series(Calibration calibration) {
        return new Series(
                calibration.step() == 0
                        ? messages.format("audit.allSteps")
                        : messages.format("audit.step", with("step", calibration.step())),
                calibration.bins().stream()
                        .map(bin -> new Point(bin.meanConfidence(), bin.helped().mean())
                                .withHeight(bin.helped().low(), bin.helped().high()))
                        .toList(),
                Style.JOINED_POINTS);
    }

    private Table properties() {
        return new TableBuilder<DepthBy>(messages)
                .column("audit.property", by -> property(by.property()))
                .column("audit.correlation", by -> messages.signed(by.correlation(), DECIMALS))
                .build(messages.format("audit.properties"), messages.format("audit.propertiesLead"), audit.depthBy());
    }

    private String policy(String name) {
        if (name.startsWith(PolicyComparison.DEPTH)) {
            return messages.format("policy.depth", with("depth", name.substring(PolicyComparison.DEPTH.length())));
        }
        return messages.formatOr("policy." + name.replace(' ', '_'), name);
    }

    private String property(String name) {
        return messages.formatOr("property." + name.replace(' ', '_'), name);
    }
}
