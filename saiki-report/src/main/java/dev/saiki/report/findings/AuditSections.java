package dev.saiki.report.findings;

import static dev.saiki.report.Messages.with;

import dev.saiki.eval.audit.RouterAudit;
import dev.saiki.eval.audit.RouterAudit.Calibration;
import dev.saiki.eval.audit.RouterAudit.CalibrationBin;
import dev.saiki.eval.audit.RouterAudit.DepthBin;
import dev.saiki.eval.audit.RouterAudit.DepthBy;
import dev.saiki.eval.audit.RouterAudit.Intervention;
import dev.saiki.eval.audit.StepGain;
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
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The sections about one audit of a router.
///
/// @param audit the audit
/// @param messages the language
public record AuditSections(RouterAudit audit, Messages messages) {

    /// Makes all sections, in order.
    ///
    /// @return findings first, then charts and tables
    public List<ReportSection> all() {
        List<ReportSection> sections = new ArrayList<>();
        GainSections gains = new GainSections(audit, messages);
        sections.add(findings());
        gains.charts().ifPresent(sections::add);
        sections.add(gains.table());
        sections.add(steps(gains));
        sections.add(interventions());
        calibration().ifPresent(sections::add);
        if (audit.isRouted()) {
            sections.add(bins(gains));
            sections.add(properties());
            sections.add(depths());
        }
        return sections;
    }

    private Prose findings() {
        return new Prose(
                messages.format(
                        audit.isRouted() ? "audit.heading" : "audit.headingFixed",
                        with("model", audit.setting().model())),
                messages.format(
                        audit.isRouted() ? "audit.lead" : "audit.leadFixed",
                        with("samples", audit.data().samples()),
                        with("tokens", Numbers.metric(audit.data().tokens())),
                        with("text", audit.setting().text())),
                new AuditFindings(audit, messages).all());
    }

    /// The load, the worth and the decisions of each step; step 0 stands for all steps.
    private Table steps(GainSections gains) {
        TableBuilder<Integer> steps = new TableBuilder<Integer>(messages)
                .column("gain.stepHead", gains::step)
                .column("audit.load", step -> atStep(step, audit.load().shareOfTokensPerStep()))
                .column("audit.target", step -> atStep(step, audit.load().capacities()))
                .column("audit.samples", step -> ofGain(step, gain -> String.valueOf(gain.decisions())))
                .column(
                        "study.gainWorth",
                        step -> ofGain(step, gain -> messages.signed(gain.worth(), AuditFindings.DECIMALS)))
                .column("audit.helped", step -> ofGain(step, gain -> messages.percent(gain.helped())));
        if (audit.isRouted()) {
            steps.column(
                            "audit.discrimination",
                            step -> ofConfidence(step, one -> messages.fixed(one.discrimination(), 3)))
                    .column("audit.error", step -> ofConfidence(step, one -> Numbers.fixed(one.expectedError(), 3)))
                    .column("audit.near", this::near);
        }
        return steps.build(
                messages.format("audit.steps"),
                messages.format(audit.isRouted() ? "audit.stepsLead" : "audit.stepsLeadFixed"),
                IntStream.range(0, audit.setting().numRecursions()).boxed().toList());
    }

    private static String atStep(int step, List<Double> shares) {
        return step == 0 || step >= shares.size() ? Messages.NONE : Numbers.percent(shares.get(step), 1);
    }

    private String ofGain(int step, Function<StepGain, String> figure) {
        return audit.gains().stream()
                .filter(gain -> gain.step() == step)
                .map(figure)
                .findFirst()
                .orElse(Messages.NONE);
    }

    private String ofConfidence(int step, Function<Calibration, String> figure) {
        return audit.calibrations().stream()
                .filter(calibration -> calibration.step() == step)
                .map(figure)
                .findFirst()
                .orElse(Messages.NONE);
    }

    /// The shares of a step's decisions within several distances of the threshold.
    private String near(int step) {
        String shares = audit.nearThreshold().stream()
                .filter(near -> near.step() == step)
                .flatMap(near -> IntStream.range(0, near.within().size())
                        .mapToObj(i -> near.within().get(i) + ": "
                                + Numbers.percent(near.shares().get(i), 2)))
                .collect(Collectors.joining(", "));
        return shares.isEmpty() ? Messages.NONE : shares;
    }

    private Table interventions() {
        return new TableBuilder<Intervention>(messages)
                .column("audit.change", this::change)
                .column("audit.samples", one -> String.valueOf(one.samples()))
                .column("audit.helped", one -> messages.percent(one.helped()))
                .column("audit.hurt", one -> messages.percent(one.hurt()))
                .column("audit.effect", one -> messages.signed(one.effect(), AuditFindings.DECIMALS))
                .column("audit.following", one -> messages.signed(one.effectOnFollowing(), AuditFindings.DECIMALS))
                .column("audit.mended", one -> messages.percent(one.mended()))
                .column("audit.broken", one -> messages.percent(one.broken()))
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
                messages.format(
                        "audit.calibrationLead",
                        with("discrimination", ofConfidence(0, all -> messages.fixed(all.discrimination(), 2)))),
                List.of(chart)));
    }

    private Series series(Calibration calibration) {
        return new Series(
                new GainSections(audit, messages).step(calibration.step()),
                calibration.bins().stream()
                        .map(bin -> new Point(bin.meanConfidence(), bin.helped().mean())
                                .withHeight(bin.helped().low(), bin.helped().high()))
                        .toList(),
                Style.JOINED_POINTS);
    }

    private Table properties() {
        return new TableBuilder<DepthBy>(messages)
                .column("audit.property", new AuditFindings(audit, messages)::property)
                .column("audit.correlation", by -> messages.signed(by.correlation(), 3))
                .build(messages.format("audit.properties"), messages.format("audit.propertiesLead"), audit.depthBy());
    }

    /// The decisions of a step whose confidences are similar.
    private record BinRow(Calibration calibration, CalibrationBin bin) {}

    private Table bins(GainSections gains) {
        return new TableBuilder<BinRow>(messages)
                .column("gain.stepHead", row -> gains.step(row.calibration().step()))
                .column("audit.from", row -> Numbers.fixed(row.bin().lowest(), 4))
                .column("audit.to", row -> Numbers.fixed(row.bin().highest(), 4))
                .column("audit.samples", row -> String.valueOf(row.bin().decisions()))
                .column("audit.meanConfidence", row -> Numbers.fixed(row.bin().meanConfidence(), 4))
                .column("audit.helped", row -> messages.percent(row.bin().helped()))
                .build(
                        messages.format("audit.bins"),
                        messages.format("audit.binsLead"),
                        audit.calibrations().stream()
                                .flatMap(one -> one.bins().stream().map(bin -> new BinRow(one, bin)))
                                .toList());
    }

    /// The tokens that are alike in a property.
    private record DepthRow(DepthBy by, DepthBin bin) {}

    private Table depths() {
        AuditFindings findings = new AuditFindings(audit, messages);
        return new TableBuilder<DepthRow>(messages)
                .column("audit.property", row -> findings.property(row.by()))
                .column("audit.from", row -> edge(row.bin().lowest()))
                .column("audit.to", row -> edge(row.bin().highest()))
                .column("audit.tokens", row -> String.valueOf(row.bin().tokens()))
                .column("table.depth", row -> messages.fixed(row.bin().depth(), 3))
                .build(
                        messages.format("audit.depths"),
                        messages.format("audit.depthsLead"),
                        audit.depthBy().stream()
                                .flatMap(by -> by.bins().stream().map(bin -> new DepthRow(by, bin)))
                                .toList());
    }

    private static String edge(double value) {
        return Numbers.fixed(value, value == Math.rint(value) ? 0 : 3);
    }
}
