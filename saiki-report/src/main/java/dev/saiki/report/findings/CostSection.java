package dev.saiki.report.findings;

import static dev.saiki.report.Messages.with;

import dev.saiki.report.Messages;
import dev.saiki.report.ReportSection.CostedModel;
import dev.saiki.report.ReportSection.Costs;
import dev.saiki.report.findings.Findings.ComparedModel;
import dev.saiki.study.results.DatasetSummary;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The section about running costs, based on measurements.
///
/// @param findings the figures
/// @param messages the language
record CostSection(Findings findings, Messages messages) {

    private static final int SAMPLE_TOKENS = 1024;

    /// Finds the measurement conditions that most models have in common; among equally common conditions,
    /// those with the largest batch.
    static Optional<EngineSpeed> common(Findings findings) {
        return findings.subjects().stream()
                .flatMap(subject -> SpeedComparison.of(findings, subject).stream())
                .max(Comparator.<EngineSpeed>comparingLong(speed -> findings.subjects().stream()
                                .filter(subject -> SpeedComparison.of(findings, subject).stream()
                                        .anyMatch(speed::isLike))
                                .count())
                        .thenComparingInt(EngineSpeed::sequences));
    }

    /// Builds the section.
    ///
    /// @param price machine price per hour
    Costs costs(double price) {
        Optional<EngineSpeed> common = common(findings);
        int context = findings.text().map(DatasetSummary::context).orElse(SAMPLE_TOKENS);
        return new Costs(
                messages.format("costs.heading"),
                messages.format(common.isPresent() ? "costs.lead" : "costs.leadUnmeasured"),
                price,
                context,
                findings.subjects().stream()
                        .map(subject -> costed(subject, common))
                        .toList(),
                List.of(
                        messages.format("costs.formulaMillion"),
                        messages.format("costs.formulaUser"),
                        messages.format(
                                "costs.formulaBreakEven",
                                with("baseline", findings.baseline().name())),
                        messages.format("costs.formulaBought")),
                List.of(
                        messages.format("costs.noteSpread"),
                        messages.format("costs.noteCache"),
                        messages.format("costs.noteSize")));
    }

    private CostedModel costed(ComparedModel subject, Optional<EngineSpeed> common) {
        Optional<EngineSpeed> speed = SpeedComparison.of(findings, subject).stream()
                .filter(one -> common.filter(one::isLike).isPresent())
                .findFirst();
        double seconds = subject.training().seconds();
        return new CostedModel(
                subject.name(),
                speed.map(EngineSpeed::median).orElse(Double.NaN),
                speed.map(EngineSpeed::min).orElse(Double.NaN),
                speed.map(EngineSpeed::max).orElse(Double.NaN),
                speed.map(this::source)
                        .orElseGet(() -> messages.format(
                                "costs.measureWith", with("command", Appendix.bench(findings, subject)))),
                subject.cacheBytesPerToken()
                        * speed.map(EngineSpeed::cacheFactor).orElse(1.0),
                speed.map(one -> (double) one.weightBytes()).orElse(Double.NaN),
                seconds > 0 ? seconds : Double.NaN);
    }

    private String source(EngineSpeed speed) {
        return messages.format(
                "costs.measuredSo",
                with("sequences", speed.sequences()),
                with("prompt", speed.promptTokens()),
                with("tokens", speed.tokens()),
                with("rounds", speed.rounds().number()),
                with("weights", speed.weights()));
    }
}
