package dev.saiki.report.findings;

import dev.saiki.eval.format.Column;
import dev.saiki.eval.format.Numbers;
import dev.saiki.report.Messages;
import dev.saiki.report.ReportSection;
import dev.saiki.report.ReportSection.Bar;
import dev.saiki.report.ReportSection.Histogram;
import dev.saiki.report.ReportSection.Passage;
import dev.saiki.report.ReportSection.Samples;
import dev.saiki.report.ReportSection.Table;
import dev.saiki.report.findings.Findings.ComparedModel;
import dev.saiki.report.findings.Findings.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/// The sections about the models themselves: their figures, their depths, their scores, their texts.
final class ModelSections {

    private static final String NONE = "–";

    private final Findings findings;
    private final Messages messages;

    ModelSections(Findings findings, Messages messages) {
        this.findings = findings;
        this.messages = messages;
    }

    /// The figures of all models.
    Table table() {
        List<List<String>> rows = new ArrayList<>();
        findings.subjects().forEach(subject -> rows.add(row(subject)));
        findings.floor()
                .ifPresent(floor -> rows.add(List.of(
                        messages.format("table.unigram"),
                        Numbers.fixed(floor.nll(), 3),
                        Numbers.fixed(floor.standardError(), 3),
                        Numbers.fixed(floor.bitsPerByte(), 3),
                        NONE,
                        NONE,
                        NONE,
                        NONE,
                        NONE,
                        NONE)));
        return new Table(messages.format("table.heading"), lead(), columns(), rows, notes());
    }

    private String lead() {
        return findings.origin().kind() == Kind.RUN
                ? messages.format("table.leadRun")
                : messages.format(
                        "table.lead", "flops", BudgetText.of(findings, messages).amount(findings.trainingBudget()));
    }

    private List<Column> columns() {
        return List.of(
                new Column(messages.format("table.model"), ""),
                new Column(messages.format("table.loss"), messages.format("table.lossUnit")),
                new Column(messages.format("table.error"), ""),
                new Column(messages.format("table.bits"), messages.format("table.bitsUnit")),
                new Column(messages.format("table.depth"), messages.format("table.depthUnit")),
                new Column(messages.format("table.flops"), messages.format("table.flopsUnit")),
                new Column(messages.format("table.cache"), messages.format("table.cacheUnit")),
                new Column(messages.format("table.parameters"), messages.format("table.parametersUnit")),
                new Column(messages.format("table.trained"), messages.format("table.trainedUnit")),
                new Column(messages.format("table.minutes"), messages.format("table.minutesUnit")));
    }

    private static List<String> row(ComparedModel subject) {
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
        notes.add(messages.format("table.noteError"));
        findings.floor().ifPresent(_ -> notes.add(messages.format("table.noteUnigram")));
        return notes;
    }

    /// The depths of tokens, in a passage and on average.
    List<ReportSection> depths() {
        List<ReportSection> sections = new ArrayList<>();
        findings.examples()
                .passage()
                .ifPresent(passage -> sections.add(new Passage(
                        messages.format("passage.heading", "model", passage.model()),
                        messages.format(
                                passage.tokens().stream()
                                                .anyMatch(token -> !token.next().isEmpty())
                                        ? "passage.lead"
                                        : "passage.leadPlain"),
                        passage.numRecursions(),
                        passage.tokens())));
        findings.subjects().stream()
                .filter(subject -> subject.role() != ModelRole.VANILLA && subject.role() != ModelRole.FIXED_DEPTH)
                .filter(subject -> subject.depth().shares().size() > 1)
                .forEach(subject -> sections.add(histogram(subject)));
        return sections;
    }

    private Histogram histogram(ComparedModel subject) {
        List<Double> shares = subject.depth().shares();
        double tokens =
                findings.text().map(text -> (double) text.scoredTokens()).orElse(Double.NaN);
        return new Histogram(
                messages.format("depths.heading", "model", subject.name()),
                messages.format("depths.lead", "tokens", Numbers.metric(tokens), "model", subject.name()),
                IntStream.rangeClosed(1, shares.size())
                        .mapToObj(depth -> new Bar(
                                messages.format("depths.bar", "depth", depth),
                                depth,
                                shares.get(depth - 1),
                                messages.format(
                                        "depths.tokens",
                                        "number",
                                        Numbers.metric(Math.rint(shares.get(depth - 1) * tokens)))))
                        .toList());
    }

    /// Scores of benchmarks, one table per call of `saiki eval`.
    List<ReportSection> benchmarks() {
        return findings.attachments().evaluations().stream()
                .<ReportSection>map(this::benchmark)
                .toList();
    }

    private Table benchmark(TaskScores scores) {
        return new Table(
                messages.format("tasks.heading", "model", scores.model()),
                messages.format("tasks.lead", "routing", scores.routing()),
                List.of(
                        new Column(messages.format("tasks.task"), ""),
                        new Column(messages.format("tasks.metric"), ""),
                        new Column(messages.format("tasks.value"), ""),
                        new Column(messages.format("table.error"), ""),
                        new Column(messages.format("tasks.chance"), ""),
                        new Column(messages.format("table.depth"), messages.format("table.depthUnit")),
                        new Column(messages.format("table.flops"), messages.format("table.flopsUnit"))),
                scores.scores().stream().map(ModelSections::row).toList(),
                List.of(messages.format("tasks.note")));
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

    /// Samples of the models.
    List<ReportSection> samples() {
        return findings.examples().samples().isEmpty()
                ? List.of()
                : List.of(new Samples(
                        messages.format("samples.heading"),
                        messages.format("samples.lead"),
                        findings.examples().samples()));
    }
}
