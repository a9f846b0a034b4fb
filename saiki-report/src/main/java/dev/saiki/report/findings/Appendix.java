package dev.saiki.report.findings;

import static dev.saiki.report.Messages.with;

import dev.saiki.eval.format.Numbers;
import dev.saiki.report.Messages;
import dev.saiki.report.ReportSection;
import dev.saiki.report.ReportSection.Command;
import dev.saiki.report.ReportSection.Commands;
import dev.saiki.report.ReportSection.Prose;
import dev.saiki.report.ReportSection.Table;
import dev.saiki.report.TableBuilder;
import dev.saiki.report.findings.Findings.ComparedModel;
import dev.saiki.report.findings.Findings.Kind;
import dev.saiki.report.findings.Findings.Provenance;
import dev.saiki.study.results.DatasetSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The end of a report: the method, the limitations, the missing parts, and the commands that repeat every figure.
///
/// @param findings the figures
/// @param messages the language
record Appendix(Findings findings, Messages messages) {

    /// The section on how the figures were measured.
    Prose method() {
        List<String> points = new ArrayList<>();
        if (findings.origin().kind() == Kind.RUN) {
            points.add(messages.format("method.run"));
        } else {
            points.add(messages.format(BudgetText.of(findings, messages).key("method.compute")));
            findings.text().ifPresent(text -> points.add(heldOut(text)));
            points.add(messages.format("method.errors"));
            points.add(messages.format("method.checkpoint"));
        }
        points.add(messages.format("method.causal"));
        points.add(messages.format(
                "method.rates",
                with(
                        "rates",
                        findings.subjects().stream()
                                .map(subject -> subject.training().learningRate() + " (" + subject.name() + ")")
                                .collect(Collectors.joining(", "))),
                with(
                        "seeds",
                        findings.origin().seeds().stream().map(String::valueOf).collect(Collectors.joining(", ")))));
        return new Prose(messages.format("method.heading"), "", points);
    }

    private String heldOut(DatasetSummary text) {
        return messages.format(
                "method.heldOut",
                with("documents", text.heldOutDocuments()),
                with("tokens", Numbers.metric(text.scoredTokens())),
                with("bytes", Numbers.metric(text.scoredBytes())),
                with("context", text.context()),
                with("vocabulary", Numbers.metric(text.vocabSize())));
    }

    /// The section on what the figures do not show.
    Prose limits() {
        List<String> points = new ArrayList<>();
        points.add(messages.format("limits.size"));
        if (!findings.routed().isEmpty()
                && findings.subjects().stream().noneMatch(subject -> subject.role() == ModelRole.RANDOM_ROUTER)) {
            points.add(messages.format("limits.random"));
        }
        points.add(messages.format("limits.counted"));
        return new Prose(messages.format("limits.heading"), "", points);
    }

    /// The optional parts that are missing, with the commands that produce them.
    Optional<ReportSection> missing() {
        List<Command> commands = new ArrayList<>();
        List<ComparedModel> unmeasured = findings.subjects().stream()
                .filter(subject -> SpeedComparison.of(findings, subject).isEmpty())
                .toList();
        if (!unmeasured.isEmpty()) {
            commands.add(new Command(
                    messages.format("missing.speed"),
                    unmeasured.stream().map(subject -> bench(findings, subject)).collect(Collectors.joining("\n"))));
        }
        Optional<ComparedModel> routed = findings.routed().stream().findFirst();
        if (findings.attachments().audits().isEmpty() && routed.isPresent()) {
            commands.add(new Command(messages.format("missing.audit"), audit(routed.get())));
        }
        boolean hasExits =
                findings.study().filter(study -> !study.equalCosts().isEmpty()).isPresent();
        if (findings.attachments().dials().isEmpty() && !hasExits) {
            commands.add(
                    new Command(messages.format("missing.tradeoff"), tradeoff(routed.orElse(findings.baseline()))));
        }
        if (findings.attachments().evaluations().isEmpty()) {
            ComparedModel subject = routed.orElse(findings.baseline());
            commands.add(new Command(
                    messages.format("missing.eval"),
                    "./saiki eval --model " + quoted(path(subject)) + " --tasks lambada_openai,arc_easy --data "
                            + messages.format("missing.dataFolder") + " --depths "
                            + IntStream.rangeClosed(1, subject.numRecursions())
                                    .mapToObj(String::valueOf)
                                    .collect(Collectors.joining(","))
                            + " --out " + quoted(findings.origin().folder() + "/eval.json")));
        }
        if (findings.origin().kind() != Kind.STUDY) {
            commands.add(new Command(
                    messages.format("missing.study"),
                    "./saiki study --plan plans/baselines-small.yaml --out runs/study"));
        }
        return commands.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new Commands(messages.format("missing.heading"), messages.format("missing.lead"), commands));
    }

    /// The command that measures the decoding speed of a model.
    static String bench(Findings findings, ComparedModel subject) {
        return "./saiki bench decode --model " + quoted(path(findings, subject)) + " --sequences 1,8 --json >> "
                + quoted(findings.origin().folder() + "/bench.jsonl");
    }

    private String audit(ComparedModel subject) {
        return "./saiki audit router --model " + quoted(path(subject)) + " --dataset " + quoted(data()) + " --out "
                + quoted(findings.origin().folder() + "/audit.json");
    }

    private String tradeoff(ComparedModel subject) {
        return "./saiki eval tradeoff --model " + quoted(path(subject)) + " --dataset " + quoted(data()) + " --out "
                + quoted(findings.origin().folder() + "/tradeoff.json");
    }

    /// The location of the text: `data` in the folder of a pilot or a study; for a training, the path in its
    /// recipe.
    private String data() {
        return findings.origin().kind() == Kind.RUN
                ? findings.origin().name()
                : findings.origin().folder() + "/data";
    }

    private String path(ComparedModel subject) {
        return path(findings, subject);
    }

    private static String path(Findings findings, ComparedModel subject) {
        return findings.origin().folder() + "/"
                + findings.origin().place(subject.checkpoints().getFirst());
    }

    /// Quotes a path for a shell, if necessary.
    static String quoted(String path) {
        return path.matches("[\\w./-]+") ? path : "'" + path.replace("'", "'\\''") + "'";
    }

    /// The section on how to repeat every figure.
    List<ReportSection> reproduction() {
        List<ReportSection> sections = new ArrayList<>();
        List<Command> commands = new ArrayList<>();
        commands.add(new Command(
                messages.format("repeat.report"),
                "./saiki report --run " + quoted(findings.origin().folder())));
        String purpose = switch (findings.origin().kind()) {
            case PILOT -> "repeat.pilot";
            case RUN -> "repeat.run";
            case STUDY ->
                findings.origin().command().equals(StudyFindings.UNKNOWN_PLAN) ? "repeat.unknownPlan" : "repeat.study";
        };
        commands.add(new Command(messages.format(purpose), findings.origin().command()));
        sections.add(new Commands(messages.format("repeat.heading"), messages.format("repeat.lead"), commands));
        if (!findings.provenance().isEmpty()) {
            sections.add(provenance());
            sections.add(recipes());
        }
        return sections;
    }

    private Table provenance() {
        return new TableBuilder<Provenance>(messages)
                .column("table.model", Provenance::model)
                .column("provenance.checkpoint", Provenance::checkpoint)
                .column("provenance.version", Provenance::version)
                .column("provenance.created", Provenance::created)
                .column("provenance.data", one -> one.dataHash().isEmpty() ? Messages.NONE : one.dataHash())
                .build(
                        messages.format("provenance.heading"),
                        messages.format("provenance.lead"),
                        findings.provenance());
    }

    /// The complete recipe of each model's first training; a recipe and a seed determine a training.
    private Commands recipes() {
        List<Command> recipes = new ArrayList<>();
        for (ComparedModel subject : findings.subjects()) {
            findings.provenance().stream()
                    .filter(one ->
                            one.model().equals(subject.name()) && !one.recipe().isEmpty())
                    .findFirst()
                    .map(Provenance::recipe)
                    .ifPresent(recipe -> recipes.add(
                            new Command(messages.format("recipes.of", with("model", subject.name())), recipe.strip())));
        }
        return new Commands(messages.format("recipes.heading"), messages.format("recipes.lead"), recipes);
    }
}
