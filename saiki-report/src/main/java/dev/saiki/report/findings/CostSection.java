package dev.saiki.report.findings;

import dev.saiki.report.ReportSection.CostedModel;
import dev.saiki.report.ReportSection.Costs;
import dev.saiki.report.Words;
import dev.saiki.report.findings.Findings.Subject;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What running each model costs, from what was measured.
final class CostSection {

    private static final int SAMPLE_TOKENS = 1024;

    private final Findings findings;
    private final Words words;

    CostSection(Findings findings, Words words) {
        this.findings = findings;
        this.words = words;
    }

    /// Finds the conditions of measurement that most models share; among equals, those with most texts at a time.
    static Optional<Speed> common(Findings findings) {
        return findings.subjects().stream()
                .flatMap(subject -> SpeedContrast.of(findings, subject).stream())
                .max(Comparator.<Speed>comparingLong(speed -> findings.subjects().stream()
                                .filter(subject -> SpeedContrast.of(findings, subject).stream()
                                        .anyMatch(speed::isLike))
                                .count())
                        .thenComparingInt(Speed::sequences));
    }

    /// Lays costs out.
    ///
    /// @param price of an hour of the machine
    Costs costs(double price) {
        Optional<Speed> common = common(findings);
        int context = findings.text().map(Findings.Text::context).orElse(SAMPLE_TOKENS);
        return new Costs(
                words.say("costs.heading"),
                words.say(common.isPresent() ? "costs.lead" : "costs.leadUnmeasured"),
                price,
                context,
                findings.subjects().stream()
                        .map(subject -> costed(subject, common))
                        .toList(),
                List.of(
                        words.say("costs.formulaMillion"),
                        words.say("costs.formulaUser"),
                        words.say(
                                "costs.formulaBreakEven",
                                "baseline",
                                findings.baseline().name()),
                        words.say("costs.formulaBought")),
                List.of(words.say("costs.noteSpread"), words.say("costs.noteCache"), words.say("costs.noteSize")));
    }

    private CostedModel costed(Subject subject, Optional<Speed> common) {
        Optional<Speed> speed = SpeedContrast.of(findings, subject).stream()
                .filter(one -> common.filter(one::isLike).isPresent())
                .findFirst();
        double seconds = subject.training().seconds();
        return new CostedModel(
                subject.name(),
                speed.map(Speed::median).orElse(Double.NaN),
                speed.map(Speed::least).orElse(Double.NaN),
                speed.map(Speed::most).orElse(Double.NaN),
                speed.map(this::source)
                        .orElseGet(() -> words.say("costs.measureWith", "command", Appendix.bench(findings, subject))),
                subject.cacheBytesPerToken() * speed.map(Speed::cacheFactor).orElse(1.0),
                speed.map(one -> (double) one.weightBytes()).orElse(Double.NaN),
                seconds > 0 ? seconds : Double.NaN);
    }

    private String source(Speed speed) {
        return words.say(
                "costs.measuredSo",
                "sequences",
                speed.sequences(),
                "prompt",
                speed.promptTokens(),
                "tokens",
                speed.tokens(),
                "rounds",
                speed.rounds(),
                "weights",
                speed.weights());
    }
}
