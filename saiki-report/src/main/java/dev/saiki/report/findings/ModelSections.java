package dev.saiki.report.findings;

import static dev.saiki.report.Messages.with;

import dev.saiki.eval.format.Numbers;
import dev.saiki.report.Messages;
import dev.saiki.report.ReportSection;
import dev.saiki.report.ReportSection.Bar;
import dev.saiki.report.ReportSection.Histogram;
import dev.saiki.report.ReportSection.Passage;
import dev.saiki.report.ReportSection.Samples;
import dev.saiki.report.ReportSection.Table;
import dev.saiki.report.TableBuilder;
import dev.saiki.report.findings.Findings.ComparedModel;
import dev.saiki.report.findings.Findings.Kind;
import dev.saiki.study.results.UnigramLoss;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The sections about the models themselves: their figures, depths, scores and texts.
///
/// @param findings the figures
/// @param messages the language
record ModelSections(Findings findings, Messages messages) {

    /// The figures of all models.
    Table table() {
        Table models = new TableBuilder<ComparedModel>(messages)
                .column("table.model", ComparedModel::name)
                .column("table.loss", model -> Numbers.fixed(model.loss().nll(), 3))
                .column("table.error", model -> Numbers.fixed(model.loss().standardError(), 3))
                .column("table.bits", model -> Numbers.fixed(model.loss().bitsPerByte(), 3))
                .column("table.depth", model -> Numbers.fixed(model.depth().mean(), 2))
                .column("table.flops", model -> Numbers.metric(model.flopsPerToken()))
                .column("table.cache", model -> Numbers.fixed(model.cacheBytesPerToken(), 0))
                .column("table.parameters", model -> Numbers.metric(model.nonEmbeddingParameters()))
                .column(
                        "table.trained",
                        model -> Numbers.metric(model.training().tokens()))
                .column("table.minutes", model -> Numbers.fixed(model.training().seconds() / 60, 1))
                .build(
                        messages.format("table.heading"),
                        lead(),
                        findings.subjects(),
                        messages.format("table.noteError"));
        return findings.floor().map(floor -> withFloor(models, floor)).orElse(models);
    }

    /// Adds a row for a unigram model, for which only the loss is known.
    private Table withFloor(Table models, UnigramLoss floor) {
        List<String> cells = new ArrayList<>(List.of(
                messages.format("table.unigram"),
                Numbers.fixed(floor.nll(), 3),
                Numbers.fixed(floor.standardError(), 3),
                Numbers.fixed(floor.bitsPerByte(), 3)));
        cells.addAll(Collections.nCopies(models.columns().size() - cells.size(), Messages.NONE));
        return new Table(
                models.heading(),
                models.lead(),
                models.columns(),
                Stream.concat(models.rows().stream(), Stream.of(cells)).toList(),
                List.of(models.notes().getFirst(), messages.format("table.noteUnigram")));
    }

    private String lead() {
        return findings.origin().kind() == Kind.RUN
                ? messages.format("table.leadRun")
                : messages.format(
                        "table.lead",
                        with("flops", BudgetText.of(findings, messages).amount(findings.trainingBudget())));
    }

    /// The depths of tokens: in a passage, and on average.
    List<ReportSection> depths() {
        List<ReportSection> sections = new ArrayList<>();
        findings.examples()
                .passage()
                .ifPresent(passage -> sections.add(new Passage(
                        messages.format("passage.heading", with("model", passage.model())),
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
                messages.format("depths.heading", with("model", subject.name())),
                messages.format("depths.lead", with("tokens", Numbers.metric(tokens)), with("model", subject.name())),
                IntStream.rangeClosed(1, shares.size())
                        .mapToObj(depth -> new Bar(
                                messages.format("depths.bar", with("depth", depth)),
                                depth,
                                shares.get(depth - 1),
                                messages.format(
                                        "depths.tokens",
                                        with("number", Numbers.metric(Math.rint(shares.get(depth - 1) * tokens))))))
                        .toList());
    }

    /// Scores of benchmarks, with one table per call of `saiki eval`.
    List<ReportSection> benchmarks() {
        return findings.attachments().evaluations().stream()
                .<ReportSection>map(this::benchmark)
                .toList();
    }

    private Table benchmark(TaskScores scores) {
        return new TableBuilder<TaskScores.Score>(messages)
                .column("tasks.task", TaskScores.Score::task)
                .column("tasks.metric", TaskScores.Score::metric)
                .column("tasks.value", score -> number(score.value()))
                .column("table.error", score -> number(score.standardError()))
                .column("tasks.chance", score -> number(score.chance()))
                .column("table.depth", score -> Numbers.fixed(score.meanDepth(), 2))
                .column(
                        "table.flops",
                        score -> Double.isNaN(score.flopsPerToken())
                                ? Messages.NONE
                                : Numbers.metric(score.flopsPerToken()))
                .build(
                        messages.format("tasks.heading", with("model", scores.model())),
                        messages.format("tasks.lead", with("routing", scores.routing())),
                        scores.scores(),
                        messages.format("tasks.note"));
    }

    private static String number(double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%.4f", value) : Messages.NONE;
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
