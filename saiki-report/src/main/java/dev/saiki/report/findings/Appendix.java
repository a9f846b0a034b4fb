package dev.saiki.report.findings;

import dev.saiki.eval.format.Column;
import dev.saiki.eval.format.Numbers;
import dev.saiki.report.ReportSection;
import dev.saiki.report.ReportSection.Command;
import dev.saiki.report.ReportSection.Commands;
import dev.saiki.report.ReportSection.Prose;
import dev.saiki.report.ReportSection.Table;
import dev.saiki.report.Words;
import dev.saiki.report.findings.Findings.Kind;
import dev.saiki.report.findings.Findings.Provenance;
import dev.saiki.report.findings.Findings.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// What stands at the end: how it was measured, what it does not show, what is missing, how to repeat it.
final class Appendix {

    private final Findings findings;
    private final Words words;

    Appendix(Findings findings, Words words) {
        this.findings = findings;
        this.words = words;
    }

    /// How it was measured.
    Prose method() {
        List<String> points = new ArrayList<>();
        if (findings.kind() == Kind.RUN) {
            points.add(words.say("method.run"));
        } else {
            points.add(words.say("method.compute"));
            findings.text().ifPresent(text -> points.add(heldOut(text)));
            points.add(words.say("method.errors"));
            points.add(words.say("method.checkpoint"));
        }
        points.add(words.say("method.causal"));
        points.add(words.say(
                "method.rates",
                "rates",
                findings.subjects().stream()
                        .map(subject -> subject.training().learningRate() + " (" + subject.name() + ")")
                        .collect(Collectors.joining(", ")),
                "seeds",
                findings.setting().seeds().stream().map(String::valueOf).collect(Collectors.joining(", "))));
        return new Prose(words.say("method.heading"), "", points);
    }

    private String heldOut(Findings.Text text) {
        return words.say(
                text.tailHeldOut() ? "method.heldOutTail" : "method.heldOut",
                "documents",
                text.heldOutDocuments(),
                "tokens",
                Numbers.metric(text.scoredTokens()),
                "bytes",
                Numbers.metric(text.scoredBytes()),
                "context",
                text.context(),
                "vocabulary",
                Numbers.metric(text.vocabSize()));
    }

    /// What it does not show.
    Prose limits() {
        List<String> points = new ArrayList<>();
        points.add(words.say("limits.size"));
        if (findings.subjects().stream().noneMatch(subject -> subject.role() == Role.RANDOM_ROUTER)) {
            points.add(words.say("limits.random"));
        }
        points.add(words.say("limits.counted"));
        return new Prose(words.say("limits.heading"), "", points);
    }

    /// What could be here and is not, with the commands that make it.
    Optional<ReportSection> missing() {
        List<Command> commands = new ArrayList<>();
        List<Subject> unmeasured = findings.subjects().stream()
                .filter(subject -> SpeedContrast.of(findings, subject).isEmpty())
                .toList();
        if (!unmeasured.isEmpty()) {
            commands.add(new Command(
                    words.say("missing.speed"),
                    unmeasured.stream().map(subject -> bench(findings, subject)).collect(Collectors.joining("\n"))));
        }
        Optional<Subject> routed = findings.routed().stream().findFirst();
        if (findings.attachments().audits().isEmpty() && routed.isPresent()) {
            commands.add(new Command(words.say("missing.audit"), audit(routed.get())));
        }
        boolean hasExits =
                findings.study().filter(study -> !study.equalCosts().isEmpty()).isPresent();
        if (findings.attachments().dials().isEmpty() && !hasExits) {
            commands.add(new Command(words.say("missing.tradeoff"), tradeoff(routed.orElse(findings.baseline()))));
        }
        if (findings.attachments().evaluations().isEmpty()) {
            Subject subject = routed.orElse(findings.baseline());
            commands.add(new Command(
                    words.say("missing.eval"),
                    "./saiki eval --model " + quoted(path(subject)) + " --tasks lambada_openai,arc_easy --data "
                            + words.say("missing.dataFolder") + " --depths "
                            + IntStream.rangeClosed(1, subject.numRecursions())
                                    .mapToObj(String::valueOf)
                                    .collect(Collectors.joining(","))
                            + " --out " + quoted(findings.folder() + "/eval.json")));
        }
        if (findings.kind() != Kind.STUDY) {
            commands.add(new Command(
                    words.say("missing.study"), "./saiki study --plan plans/baselines-small.yaml --out runs/study"));
        }
        return commands.isEmpty()
                ? Optional.empty()
                : Optional.of(new Commands(words.say("missing.heading"), words.say("missing.lead"), commands));
    }

    /// The command that measures how fast a model writes.
    static String bench(Findings findings, Subject subject) {
        return "./saiki bench decode --model " + quoted(path(findings, subject)) + " --sequences 1,8 --json >> "
                + quoted(findings.folder() + "/bench.jsonl");
    }

    private String audit(Subject subject) {
        return "./saiki audit-router --model " + quoted(path(subject)) + " --dataset " + quoted(data()) + " --out "
                + quoted(findings.folder() + "/audit.json");
    }

    private String tradeoff(Subject subject) {
        return "./saiki tradeoff --model " + quoted(path(subject)) + " --dataset " + quoted(data()) + " --out "
                + quoted(findings.folder() + "/tradeoff.json");
    }

    /// Where the text lies: a pilot's and a study's in their folder, a training's where its recipe says.
    private String data() {
        return findings.kind() == Kind.RUN ? findings.setting().name() : findings.folder() + "/data";
    }

    private String path(Subject subject) {
        return path(findings, subject);
    }

    private static String path(Findings findings, Subject subject) {
        String checkpoint = subject.checkpoints().getFirst();
        return findings.folder() + "/"
                + (findings.kind() == Kind.RUN ? checkpoint.substring(checkpoint.lastIndexOf('/') + 1) : checkpoint);
    }

    /// Quotes a path for a shell, unless it needs none.
    static String quoted(String path) {
        return path.matches("[\\w./-]+") ? path : "'" + path.replace("'", "'\\''") + "'";
    }

    /// How to repeat every figure.
    List<ReportSection> reproduction() {
        List<ReportSection> sections = new ArrayList<>();
        List<Command> commands = new ArrayList<>();
        commands.add(new Command(words.say("repeat.report"), "./saiki report --run " + quoted(findings.folder())));
        String purpose = switch (findings.kind()) {
            case PILOT -> "repeat.pilot";
            case RUN -> "repeat.run";
            case STUDY -> "repeat.study";
        };
        commands.add(new Command(words.say(purpose), findings.setting().command()));
        sections.add(new Commands(words.say("repeat.heading"), words.say("repeat.lead"), commands));
        if (!findings.provenance().isEmpty()) {
            sections.add(provenance());
            sections.add(recipes());
        }
        return sections;
    }

    private Table provenance() {
        return new Table(
                words.say("provenance.heading"),
                words.say("provenance.lead"),
                List.of(
                        new Column(words.say("table.model"), ""),
                        new Column(words.say("provenance.checkpoint"), ""),
                        new Column(words.say("provenance.version"), ""),
                        new Column(words.say("provenance.created"), ""),
                        new Column(words.say("provenance.data"), "")),
                findings.provenance().stream()
                        .map(one -> List.of(
                                one.model(),
                                one.checkpoint(),
                                one.version(),
                                one.created(),
                                one.dataHash().isEmpty() ? "–" : one.dataHash()))
                        .toList(),
                List.of());
    }

    /// The recipe of the first training of each model, whole: with the seed it is the training.
    private Commands recipes() {
        List<Command> recipes = new ArrayList<>();
        for (Subject subject : findings.subjects()) {
            findings.provenance().stream()
                    .filter(one ->
                            one.model().equals(subject.name()) && !one.recipe().isEmpty())
                    .findFirst()
                    .map(Provenance::recipe)
                    .ifPresent(recipe ->
                            recipes.add(new Command(words.say("recipes.of", "model", subject.name()), recipe.strip())));
        }
        return new Commands(words.say("recipes.heading"), words.say("recipes.lead"), recipes);
    }
}
