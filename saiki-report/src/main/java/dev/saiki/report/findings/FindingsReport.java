package dev.saiki.report.findings;

import dev.saiki.eval.format.Numbers;
import dev.saiki.report.Report;
import dev.saiki.report.Report.KeyFigure;
import dev.saiki.report.ReportSection;
import dev.saiki.report.ReportSection.Prose;
import dev.saiki.report.Words;
import dev.saiki.report.findings.Findings.Contrast;
import dev.saiki.report.findings.Findings.Kind;
import dev.saiki.report.findings.Findings.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/// Findings as a report, answer first. What it says follows from the figures by the rules of {@link Answer}.
final class FindingsReport {

    private final Findings findings;
    private final ReportOptions options;
    private final Words words;
    private final Answer answer;

    private FindingsReport(Findings findings, ReportOptions options) {
        this.findings = findings;
        this.options = options;
        this.words = Words.in(options.language());
        this.answer = Answer.of(findings);
    }

    /// Lays findings out.
    ///
    /// @param findings what is known
    /// @param options language and price
    static Report of(Findings findings, ReportOptions options) {
        return new FindingsReport(findings, options).report();
    }

    private Report report() {
        AnswerWords sentences = new AnswerWords(findings, answer, words);
        return new Report(
                options.language(),
                words.say(title()),
                source(),
                sentences.verdict(),
                explanation(sentences),
                figures(),
                sections(sentences.remarks()));
    }

    private static List<String> explanation(AnswerWords sentences) {
        List<String> explanation = new ArrayList<>(List.of(sentences.router()));
        sentences.shortText().ifPresent(explanation::add);
        explanation.add(sentences.setting());
        explanation.add(sentences.certainty());
        return explanation;
    }

    private String title() {
        return switch (findings.kind()) {
            case PILOT -> "title.pilot";
            case RUN -> "title.run";
            case STUDY -> "title.study";
        };
    }

    private String source() {
        List<String> facts = new ArrayList<>();
        Findings.Setting setting = findings.setting();
        if (!setting.name().isEmpty()) {
            facts.add(words.say(
                    findings.kind() == Kind.STUDY ? "source.study" : "source.corpus", "name", setting.name()));
        }
        findings.text()
                .ifPresent(text -> facts.add(words.say(
                        "source.text",
                        "tokens",
                        Numbers.metric(text.trainTokens()),
                        "documents",
                        text.heldOutDocuments())));
        if (setting.processors() > 0) {
            facts.add(words.say("source.machine", "processors", setting.processors(), "platform", setting.platform()));
        }
        facts.add(words.say("source.finished", "time", setting.finished()));
        return String.join(" ", facts);
    }

    private List<KeyFigure> figures() {
        List<KeyFigure> figures = new ArrayList<>();
        answer.contrast().ifPresent(contrast -> figures.add(difference(contrast)));
        if (answer.model().isPresent() && answer.baseline().isPresent()) {
            Subject model = answer.model().get();
            Subject baseline = answer.baseline().get();
            figures.add(ratio("figure.flops", model, baseline, Subject::flopsPerToken));
            figures.add(ratio("figure.cache", model, baseline, Subject::cacheBytesPerToken));
            figures.add(ratio("figure.parameters", model, baseline, Subject::nonEmbeddingParameters));
            speed().ifPresent(figures::add);
        }
        return figures;
    }

    private KeyFigure difference(Contrast contrast) {
        return new KeyFigure(
                Numbers.signed(contrast.difference(), 3),
                words.say("figure.difference", "model", contrast.model(), "baseline", contrast.baseline()),
                Double.isNaN(contrast.low())
                        ? words.say("figure.noInterval")
                        : words.say(
                                "figure.interval",
                                "low",
                                Numbers.signed(contrast.low(), 3),
                                "high",
                                Numbers.signed(contrast.high(), 3)));
    }

    private KeyFigure ratio(String label, Subject model, Subject baseline, ToDoubleFunction<Subject> quantity) {
        double mine = quantity.applyAsDouble(model);
        double theirs = quantity.applyAsDouble(baseline);
        return new KeyFigure(
                Numbers.percent(mine / theirs, 0),
                words.say(label, "model", model.name(), "baseline", baseline.name()),
                words.say("figure.against", "mine", Numbers.metric(mine), "other", Numbers.metric(theirs)));
    }

    private Optional<KeyFigure> speed() {
        SpeedContrast speeds = answer.speeds();
        if (speeds.model().isEmpty() || speeds.baseline().isEmpty()) {
            return Optional.empty();
        }
        double mine = speeds.model().get().median();
        double other = speeds.baseline().get().median();
        return Optional.of(new KeyFigure(
                Numbers.percent(mine / other, 0),
                words.say(
                        "figure.speed",
                        "model",
                        answer.model().map(Subject::name).orElse(""),
                        "baseline",
                        answer.baseline().map(Subject::name).orElse("")),
                words.say(
                        speeds.state() == SpeedContrast.State.UNDECIDED ? "figure.overlap" : "figure.against",
                        "mine",
                        Numbers.significant(mine),
                        "other",
                        Numbers.significant(other))));
    }

    private List<ReportSection> sections(List<String> remarks) {
        ModelSections models = new ModelSections(findings, words);
        List<ReportSection> sections = new ArrayList<>();
        sections.add(new Prose(words.say("remarks.heading"), "", remarks));
        sections.add(models.table());
        sections.addAll(new ChartSections(findings, words).quality());
        sections.add(new CostSection(findings, words).costs(options.pricePerHour()));
        sections.addAll(new ChartSections(findings, words).training());
        findings.study().ifPresent(study -> {
            sections.addAll(new StudySections(study, words).all());
            sections.addAll(new ExitSections(study, words).all());
        });
        sections.addAll(models.depths());
        findings.attachments().audits().forEach(audit -> sections.addAll(new AuditSections(audit, words).all()));
        sections.addAll(models.benchmarks());
        sections.addAll(models.samples());
        Appendix appendix = new Appendix(findings, words);
        sections.add(appendix.method());
        sections.add(appendix.limits());
        appendix.missing().ifPresent(sections::add);
        sections.addAll(appendix.reproduction());
        return sections;
    }
}
