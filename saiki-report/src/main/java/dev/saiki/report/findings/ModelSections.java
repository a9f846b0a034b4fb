package dev.saiki.report.findings;

import dev.saiki.eval.format.Column;
import dev.saiki.eval.format.Numbers;
import dev.saiki.report.ReportSection;
import dev.saiki.report.ReportSection.Bar;
import dev.saiki.report.ReportSection.Histogram;
import dev.saiki.report.ReportSection.Passage;
import dev.saiki.report.ReportSection.Samples;
import dev.saiki.report.ReportSection.Table;
import dev.saiki.report.Words;
import dev.saiki.report.findings.Findings.Kind;
import dev.saiki.report.findings.Findings.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/// The sections about the models themselves: their figures, their depths, their scores, what they write.
final class ModelSections {

    private static final String NONE = "–";

    private final Findings findings;
    private final Words words;

    ModelSections(Findings findings, Words words) {
        this.findings = findings;
        this.words = words;
    }

    /// The figures of all models.
    Table table() {
        List<List<String>> rows = new ArrayList<>();
        findings.subjects().forEach(subject -> rows.add(row(subject)));
        findings.floor()
                .ifPresent(floor -> rows.add(List.of(
                        words.say("table.unigram"),
                        Numbers.fixed(floor.nll(), 3),
                        Numbers.fixed(floor.standardError(), 3),
                        Numbers.fixed(floor.bitsPerByte(), 3),
                        NONE,
                        NONE,
                        NONE,
                        NONE,
                        NONE,
                        NONE)));
        return new Table(words.say("table.heading"), lead(), columns(), rows, notes());
    }

    private String lead() {
        return findings.kind() == Kind.RUN
                ? words.say("table.leadRun")
                : words.say("table.lead", "flops", Numbers.metric(findings.trainingForwardFlops()) + "FLOP");
    }

    private List<Column> columns() {
        return List.of(
                new Column(words.say("table.model"), ""),
                new Column(words.say("table.loss"), words.say("table.lossUnit")),
                new Column(words.say("table.error"), ""),
                new Column(words.say("table.bits"), words.say("table.bitsUnit")),
                new Column(words.say("table.depth"), words.say("table.depthUnit")),
                new Column(words.say("table.flops"), words.say("table.flopsUnit")),
                new Column(words.say("table.cache"), words.say("table.cacheUnit")),
                new Column(words.say("table.parameters"), words.say("table.parametersUnit")),
                new Column(words.say("table.trained"), words.say("table.trainedUnit")),
                new Column(words.say("table.minutes"), words.say("table.minutesUnit")));
    }

    private static List<String> row(Subject subject) {
        return List.of(
                subject.name(),
                Numbers.fixed(subject.loss().nll(), 3),
                Numbers.fixed(subject.loss().standardError(), 3),
                Numbers.fixed(subject.loss().bitsPerByte(), 3),
                Numbers.fixed(subject.depth().mean(), 2),
                Numbers.metric(subject.flopsPerToken()),
                Numbers.fixed(subject.cacheBytesPerToken(), 0),
                Numbers.metric(subject.nonEmbeddingParameters()),
                Numbers.metric(subject.training().tokens()),
                Numbers.fixed(subject.training().seconds() / 60, 1));
    }

    private List<String> notes() {
        List<String> notes = new ArrayList<>();
        notes.add(words.say("table.noteError"));
        findings.floor().ifPresent(_ -> notes.add(words.say("table.noteUnigram")));
        return notes;
    }

    /// Where tokens go, in a passage and on the whole.
    List<ReportSection> depths() {
        List<ReportSection> sections = new ArrayList<>();
        findings.passage()
                .ifPresent(passage -> sections.add(new Passage(
                        words.say("passage.heading", "model", passage.model()),
                        words.say(
                                passage.tokens().stream()
                                                .anyMatch(token -> !token.next().isEmpty())
                                        ? "passage.lead"
                                        : "passage.leadPlain"),
                        passage.numRecursions(),
                        passage.tokens())));
        findings.subjects().stream()
                .filter(subject -> subject.role() != Role.VANILLA && subject.role() != Role.FIXED_DEPTH)
                .filter(subject -> subject.depth().shares().size() > 1)
                .forEach(subject -> sections.add(histogram(subject)));
        return sections;
    }

    private Histogram histogram(Subject subject) {
        List<Double> shares = subject.depth().shares();
        double tokens =
                findings.text().map(text -> (double) text.scoredTokens()).orElse(Double.NaN);
        return new Histogram(
                words.say("depths.heading", "model", subject.name()),
                words.say("depths.lead", "tokens", Numbers.metric(tokens), "model", subject.name()),
                IntStream.rangeClosed(1, shares.size())
                        .mapToObj(depth -> new Bar(
                                words.say("depths.bar", "depth", depth),
                                depth,
                                shares.get(depth - 1),
                                words.say(
                                        "depths.tokens",
                                        "number",
                                        Numbers.metric(Math.rint(shares.get(depth - 1) * tokens)))))
                        .toList());
    }

    /// Scores of benchmarks, one table a call of `saiki eval`.
    List<ReportSection> benchmarks() {
        return findings.attachments().evaluations().stream()
                .<ReportSection>map(this::benchmark)
                .toList();
    }

    private Table benchmark(TaskScores scores) {
        return new Table(
                words.say("tasks.heading", "model", scores.model()),
                words.say("tasks.lead", "routing", scores.routing()),
                List.of(
                        new Column(words.say("tasks.task"), ""),
                        new Column(words.say("tasks.metric"), ""),
                        new Column(words.say("tasks.value"), ""),
                        new Column(words.say("table.error"), ""),
                        new Column(words.say("tasks.chance"), ""),
                        new Column(words.say("table.depth"), words.say("table.depthUnit")),
                        new Column(words.say("table.flops"), words.say("table.flopsUnit"))),
                scores.scores().stream().map(ModelSections::row).toList(),
                List.of(words.say("tasks.note")));
    }

    private static List<String> row(TaskScores.Score score) {
        return List.of(
                score.task(),
                score.metric(),
                number(score.value()),
                number(score.standardError()),
                number(score.chance()),
                Numbers.fixed(score.meanDepth(), 2),
                Double.isNaN(score.flopsPerToken()) ? NONE : Numbers.metric(score.flopsPerToken()));
    }

    private static String number(double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%.4f", value) : NONE;
    }

    /// What the models wrote.
    List<ReportSection> samples() {
        return findings.samples().isEmpty()
                ? List.of()
                : List.of(new Samples(words.say("samples.heading"), words.say("samples.lead"), findings.samples()));
    }
}
