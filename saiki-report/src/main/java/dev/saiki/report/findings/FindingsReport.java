package dev.saiki.report.findings;

import static dev.saiki.report.Messages.with;

import dev.saiki.eval.format.Numbers;
import dev.saiki.report.Messages;
import dev.saiki.report.Report;
import dev.saiki.report.Report.KeyFigure;
import dev.saiki.report.ReportSection;
import dev.saiki.report.ReportSection.Prose;
import dev.saiki.report.findings.Findings.ComparedModel;
import dev.saiki.report.findings.Findings.Contrast;
import dev.saiki.report.findings.Findings.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/// A report on findings, beginning with the answer. The rules of {@link Conclusion} derive its statements
/// from the figures.
final class FindingsReport {

    private final Findings findings;
    private final ReportOptions options;
    private final Messages messages;
    private final Conclusion answer;

    private FindingsReport(Findings findings, ReportOptions options) {
        this.findings = findings;
        this.options = options;
        this.messages = Messages.in(options.language());
        this.answer = Conclusion.of(findings);
    }

    /// Builds a report.
    ///
    /// @param findings the findings
    /// @param options language and price
    static Report of(Findings findings, ReportOptions options) {
        return new FindingsReport(findings, options).report();
    }

    private Report report() {
        ConclusionMessages sentences = new ConclusionMessages(findings, answer, messages);
        return new Report(
                options.language(),
                messages.format(Messages.key("title", findings.origin().kind())),
                source(),
                sentences.verdict(),
                explanation(sentences),
                figures(),
                sections(sentences.remarks()));
    }

    private static List<String> explanation(ConclusionMessages sentences) {
        List<String> explanation = new ArrayList<>();
        sentences.depth().ifPresent(explanation::add);
        explanation.add(sentences.router());
        sentences.shortText().ifPresent(explanation::add);
        explanation.add(sentences.setting());
        explanation.add(sentences.certainty());
        return explanation;
    }

    private String source() {
        List<String> facts = new ArrayList<>();
        Findings.Origin setting = findings.origin();
        if (!setting.name().isEmpty()) {
            facts.add(messages.format(
                    findings.origin().kind() == Kind.STUDY ? "source.study" : "source.corpus",
                    with("name", setting.name())));
        }
        findings.text()
                .ifPresent(text -> facts.add(messages.format(
                        "source.text",
                        with("tokens", Numbers.metric(text.trainTokens())),
                        with("documents", text.heldOutDocuments()))));
        if (setting.processors() > 0) {
            facts.add(messages.format(
                    "source.machine", with("processors", setting.processors()), with("platform", setting.platform())));
        }
        facts.add(messages.format(
                setting.isComplete() ? "source.finished" : "source.asOf", with("time", setting.finished())));
        return String.join(" ", facts);
    }

    private List<KeyFigure> figures() {
        List<KeyFigure> figures = new ArrayList<>();
        answer.contrast().ifPresent(contrast -> figures.add(difference(contrast)));
        if (answer.model().isPresent() && answer.baseline().isPresent()) {
            ComparedModel model = answer.model().get();
            ComparedModel baseline = answer.baseline().get();
            figures.add(ratio("figure.flops", model, baseline, ComparedModel::flopsPerToken));
            figures.add(ratio("figure.cache", model, baseline, ComparedModel::cacheBytesPerToken));
            figures.add(ratio("figure.parameters", model, baseline, ComparedModel::nonEmbeddingParameters));
            speed().ifPresent(figures::add);
        }
        return figures;
    }

    private KeyFigure difference(Contrast contrast) {
        return new KeyFigure(
                Numbers.signed(contrast.difference(), 3),
                messages.format(
                        "figure.difference", with("model", contrast.model()), with("baseline", contrast.baseline())),
                Double.isNaN(contrast.low())
                        ? messages.format("figure.noInterval")
                        : messages.format(
                                "figure.interval",
                                with("low", Numbers.signed(contrast.low(), 3)),
                                with("high", Numbers.signed(contrast.high(), 3))));
    }

    private KeyFigure ratio(
            String label, ComparedModel model, ComparedModel baseline, ToDoubleFunction<ComparedModel> quantity) {
        double mine = quantity.applyAsDouble(model);
        double theirs = quantity.applyAsDouble(baseline);
        return new KeyFigure(
                Numbers.percent(mine / theirs, 0),
                messages.format(label, with("model", model.name()), with("baseline", baseline.name())),
                messages.format(
                        "figure.against", with("mine", Numbers.metric(mine)), with("other", Numbers.metric(theirs))));
    }

    private Optional<KeyFigure> speed() {
        SpeedComparison speeds = answer.speeds();
        if (speeds.model().isEmpty() || speeds.baseline().isEmpty()) {
            return Optional.empty();
        }
        double mine = speeds.model().get().median();
        double other = speeds.baseline().get().median();
        return Optional.of(new KeyFigure(
                Numbers.percent(mine / other, 0),
                messages.format(
                        "figure.speed",
                        with("model", answer.model().map(ComparedModel::name).orElse("")),
                        with(
                                "baseline",
                                answer.baseline().map(ComparedModel::name).orElse(""))),
                messages.format(
                        speeds.state() == SpeedComparison.State.UNDECIDED ? "figure.overlap" : "figure.against",
                        with("mine", Numbers.significant(mine)),
                        with("other", Numbers.significant(other)))));
    }

    private List<ReportSection> sections(List<String> remarks) {
        ModelSections models = new ModelSections(findings, messages);
        List<ReportSection> sections = new ArrayList<>();
        sections.add(new Prose(messages.format("remarks.heading"), "", remarks));
        sections.add(models.table());
        sections.addAll(new ChartSections(findings, messages).quality());
        sections.add(new CostSection(findings, messages).costs(options.pricePerHour()));
        sections.addAll(new ChartSections(findings, messages).training());
        findings.study().ifPresent(study -> {
            sections.addAll(new StudySections(study, messages).all());
            sections.addAll(new ExitSections(study, messages).all());
        });
        sections.addAll(models.depths());
        findings.attachments().audits().forEach(audit -> sections.addAll(new AuditSections(audit, messages).all()));
        sections.addAll(models.benchmarks());
        sections.addAll(models.samples());
        Appendix appendix = new Appendix(findings, messages);
        sections.add(appendix.method());
        sections.add(appendix.limits());
        findings.study().ifPresent(study -> sections.addAll(new StudySections(study, messages).runs()));
        appendix.missing().ifPresent(sections::add);
        sections.addAll(appendix.reproduction());
        return sections;
    }
}
