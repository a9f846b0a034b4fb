package dev.saiki.report.findings;

import dev.saiki.eval.RecordJson;
import dev.saiki.eval.Verdict;
import dev.saiki.report.findings.Findings.Attachments;
import dev.saiki.report.findings.Findings.ComparedModel;
import dev.saiki.report.findings.Findings.Contrast;
import dev.saiki.report.findings.Findings.Examples;
import dev.saiki.report.findings.Findings.Origin;
import dev.saiki.study.plan.BudgetUnit;
import dev.saiki.study.results.ComparisonScope;
import dev.saiki.study.results.DatasetSummary;
import dev.saiki.study.results.DivergedRun;
import dev.saiki.study.results.EarlyExitSetting;
import dev.saiki.study.results.EqualCostComparison;
import dev.saiki.study.results.FamilyComparison;
import dev.saiki.study.results.FamilySummary;
import dev.saiki.study.results.FittedValue;
import dev.saiki.study.results.MeasuredGains;
import dev.saiki.study.results.Measurement;
import dev.saiki.study.results.ModelSummary;
import dev.saiki.study.results.RecurrenceFit;
import dev.saiki.study.results.RunPurpose;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyEnvironment;
import dev.saiki.study.results.StudyProgress;
import dev.saiki.study.results.StudyResults;
import dev.saiki.study.results.TrainingSummary;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// Invented findings.
final class SampleFindings {

    private static final Map<String, String> RECIPES =
            Map.of("vanilla", "small-vanilla", "mor", "small-mor2-expert", "random", "small-random3");

    private SampleFindings() {}

    /// A measurement of a pilot model's speed, with eight texts at a time.
    static EngineSpeed speed(String model, double median, double least, double most) {
        return new EngineSpeed(
                "runs/pilot/" + model + "/last",
                "decode",
                "float32",
                8,
                64,
                128,
                new EngineSpeed.Rounds(3, median, least, most),
                18_000_000);
    }

    static Findings withSpeeds(Findings findings, List<EngineSpeed> speeds) {
        return findings.with(Optional.empty(), List.of(), new Attachments(speeds, List.of(), List.of(), List.of()));
    }

    /// The same findings with one model only.
    static Findings alone(Findings findings, ComparedModel subject) {
        return new Findings(
                origin(Findings.Kind.RUN, findings.origin()),
                findings.text(),
                findings.trainingBudget(),
                List.of(subject),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Examples.NONE,
                List.of(),
                Attachments.NONE);
    }

    private static Origin origin(Findings.Kind kind, Origin other) {
        return new Origin(
                kind,
                other.folder(),
                other.name(),
                other.processors(),
                other.platform(),
                other.finished(),
                other.seeds(),
                other.isComplete(),
                other.command());
    }

    /// A study of a vanilla, a routed and a randomly routed family at two sizes, in which the routed family
    /// differs from vanilla by `difference`, give or take `margin`, and from the random one by nothing.
    static Findings study(int seeds, double difference, double margin) {
        return study(results(seeds, difference, margin));
    }

    static Findings study(StudyResults results) {
        try {
            return StudyFindings.of(results, Path.of("no-such-folder"), "runs/study");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The same findings with other differences.
    static Findings withContrasts(Findings findings, List<Contrast> contrasts) {
        return with(findings, findings.subjects(), contrasts);
    }

    /// The same findings with another number of training tokens.
    static Findings withTrainTokens(Findings findings, long tokens) {
        return new Findings(
                findings.origin(),
                Optional.of(SamplePilot.text(tokens)),
                findings.trainingBudget(),
                findings.subjects(),
                findings.contrasts(),
                findings.floor(),
                findings.study(),
                findings.examples(),
                findings.provenance(),
                findings.attachments());
    }

    static Findings with(Findings findings, List<ComparedModel> subjects, List<Contrast> contrasts) {
        return new Findings(
                findings.origin(),
                findings.text(),
                findings.trainingBudget(),
                subjects,
                contrasts,
                findings.floor(),
                findings.study(),
                findings.examples(),
                findings.provenance(),
                findings.attachments());
    }

    /// The same findings with further routed models, all of which differ equally from vanilla.
    static Findings withRouted(Findings findings, int models, Contrast contrast) {
        ComparedModel routed = findings.routed().getFirst();
        List<ComparedModel> subjects = new ArrayList<>(findings.subjects());
        List<Contrast> contrasts = new ArrayList<>(List.of(contrast));
        for (int i = 2; i <= models; i++) {
            String name = routed.name() + i;
            subjects.add(new ComparedModel(
                    name,
                    routed.role(),
                    routed.checkpoints(),
                    routed.numRecursions(),
                    routed.nonEmbeddingParameters(),
                    routed.training(),
                    routed.loss(),
                    routed.depth(),
                    routed.flopsPerToken(),
                    routed.cacheBytesPerToken()));
            contrasts.add(new Contrast(
                    name,
                    contrast.baseline(),
                    contrast.difference(),
                    contrast.low(),
                    contrast.high(),
                    contrast.freedom(),
                    contrast.seeds(),
                    contrast.observations(),
                    contrast.unit(),
                    contrast.reason()));
        }
        return with(findings, subjects, contrasts);
    }

    /// The same findings with every routed model at fixed depth, and without random routers.
    static Findings withoutRouters(Findings findings) {
        List<ComparedModel> subjects = findings.subjects().stream()
                .filter(subject -> subject.role() != ModelRole.RANDOM_ROUTER)
                .map(subject -> new ComparedModel(
                        subject.name(),
                        subject.role() == ModelRole.ROUTED ? ModelRole.FIXED_DEPTH : subject.role(),
                        subject.checkpoints(),
                        subject.numRecursions(),
                        subject.nonEmbeddingParameters(),
                        subject.training(),
                        subject.loss(),
                        subject.depth(),
                        subject.flopsPerToken(),
                        subject.cacheBytesPerToken()))
                .toList();
        Set<String> names = subjects.stream().map(ComparedModel::name).collect(Collectors.toSet());
        return with(
                findings,
                subjects,
                findings.contrasts().stream()
                        .filter(contrast -> names.containsAll(List.of(contrast.model(), contrast.baseline())))
                        .toList());
    }

    /// The same findings with another ordinary model with which the routed ones are compared.
    static Findings withOrdinary(Findings findings, String name, double nll, Contrast contrast) {
        List<ComparedModel> subjects = new ArrayList<>(findings.subjects());
        subjects.add(renamed(findings.baseline(), name, nll));
        List<Contrast> contrasts = new ArrayList<>(findings.contrasts());
        contrasts.add(contrast);
        return with(findings, subjects, contrasts);
    }

    /// The same model under another name, with another loss.
    static ComparedModel renamed(ComparedModel model, String name, double nll) {
        return new ComparedModel(
                name,
                model.role(),
                List.of(name + "/last"),
                model.numRecursions(),
                model.nonEmbeddingParameters(),
                model.training(),
                new Findings.LossEstimate(
                        nll,
                        model.loss().standardError(),
                        model.loss().low(),
                        model.loss().high(),
                        model.loss().bitsPerByte()),
                model.depth(),
                model.flopsPerToken(),
                model.cacheBytesPerToken());
    }

    static StudyResults results(int seeds, double difference, double margin) {
        return results(seeds, seeds, List.of(), difference, margin);
    }

    /// A study in which some seeds are finished, and some trainings were given up.
    static StudyResults results(int planned, int seeds, List<DivergedRun> givenUp, double difference, double margin) {
        List<RunResult> runs = new ArrayList<>();
        for (long seed = 0; seed < seeds; seed++) {
            for (String size : List.of("small", "large")) {
                runs.add(run("vanilla", size, seed, 4.5));
                runs.add(run("mor", size, seed, 4.5 + difference));
                runs.add(run("random", size, seed, 4.5 + difference));
            }
        }
        return new StudyResults(
                StudyResults.FILE.version(),
                "a study",
                new StudyEnvironment(
                        "0.1.0", 2, "Linux amd64", "2026-11-24T10:00:00Z", "2026-11-24T12:00:00Z", Optional.empty()),
                new DatasetSummary(
                        "corpus",
                        "abc",
                        4096,
                        200,
                        3_800_000,
                        24,
                        200_000,
                        256,
                        50_000,
                        180_000,
                        10_000,
                        IntStream.range(0, 24).boxed().toList(),
                        Collections.nCopies(24, 2000L)),
                List.of(family("vanilla"), family("mor"), family("random")),
                List.of("small", "large"),
                Optional.empty(),
                List.of(4e12),
                LongStream.range(0, planned).boxed().toList(),
                new StudyProgress(
                        planned / seeds * runs.size() + givenUp.size(), runs.size(), givenUp, 100, Optional.empty()),
                runs,
                List.of(
                        comparison("mor", "vanilla", seeds, difference, margin),
                        comparison("random", "vanilla", seeds, difference, margin),
                        comparison("mor", "random", seeds, 0, margin)),
                List.of(),
                List.of(),
                List.of(),
                List.of(new RecurrenceFit(
                        "mor",
                        "vanilla",
                        12,
                        new FittedValue(Optional.of(0.46), Optional.of(0.3), Optional.of(0.6), ""),
                        Optional.of(0.01))),
                Optional.empty(),
                List.of());
    }

    /// The same study with another name for a family.
    static StudyResults renamed(StudyResults study, String family, String name) {
        String json = RecordJson.MAPPER.writeValueAsString(study).replace("\"" + family + "\"", "\"" + name + "\"");
        return RecordJson.MAPPER.readValue(json, StudyResults.class);
    }

    /// The same study with budgets in tokens, the smaller of which gave half the differences.
    static StudyResults inTokens(StudyResults study) {
        List<FamilyComparison> comparisons = new ArrayList<>();
        for (FamilyComparison large : study.comparisons()) {
            comparisons.add(sameSize(large, 0.25, 0.5));
            comparisons.add(sameSize(large, 1, 1));
        }
        return new StudyResults(
                study.formatVersion(),
                study.name(),
                study.setting(),
                study.data(),
                study.families(),
                study.sizes(),
                Optional.of(BudgetUnit.TOKENS),
                List.of(1e12, 4e12),
                study.seeds(),
                study.progress(),
                study.runs(),
                comparisons,
                study.changes(),
                study.equalCosts(),
                study.curves(),
                study.recurrences(),
                study.floor(),
                study.written());
    }

    private static FamilyComparison sameSize(FamilyComparison large, double ofBudget, double ofDifference) {
        return new FamilyComparison(
                large.family(),
                large.baseline(),
                ComparisonScope.SAME_SIZE,
                large.size(),
                large.baselineSize(),
                ofBudget * large.budget(),
                large.seeds(),
                large.documents(),
                ofDifference * large.difference(),
                ofDifference * large.low(),
                ofDifference * large.high(),
                large.documentError(),
                large.seedError(),
                large.seedFreedom(),
                large.verdict(),
                large.reason());
    }

    /// The same study with early exits of vanilla, limits on the depth of the routed families, and the given
    /// comparisons.
    static StudyResults withExits(StudyResults study, EqualCostComparison... lines) {
        return new StudyResults(
                study.formatVersion(),
                study.name(),
                study.setting(),
                study.data(),
                study.families(),
                study.sizes(),
                study.budgetUnit(),
                study.budgets(),
                study.seeds(),
                study.progress(),
                study.runs().stream().map(SampleFindings::further).toList(),
                study.comparisons(),
                study.changes(),
                List.of(lines),
                study.curves(),
                study.recurrences(),
                study.floor(),
                study.written());
    }

    private static RunResult further(RunResult run) {
        List<Measurement> measurements = new ArrayList<>(run.measurements());
        Measurement own = run.heldOut();
        if (run.family().equals("vanilla")) {
            measurements.add(further(own, "exit50", "early_exit", 0.6, 8e6, Optional.of("softmax")));
            measurements.add(further(own, "exit80", "early_exit", 0.2, 12e6, Optional.of("softmax")));
            measurements.add(further(own, "still50", "early_exit", 0.5, 7e6, Optional.of("saturation")));
            measurements.add(further(own, "still80", "early_exit", 0.1, 14e6, Optional.of("saturation")));
        } else {
            measurements.add(further(own, "shallow", "held_out max_depth=1", 0.3, 9e6, Optional.empty()));
            measurements.add(further(own, "ranked", "held_out routing=top_k", -0.1, 11.2e6, Optional.empty()));
        }
        return new RunResult(
                run.id(),
                run.purpose(),
                run.family(),
                run.size(),
                run.budget(),
                run.seed(),
                run.learningRate(),
                run.checkpoint(),
                run.recipe(),
                run.model(),
                run.training(),
                run.tuningNll(),
                measurements,
                run.gains());
    }

    private static Measurement further(
            Measurement own, String name, String kind, double more, double flops, Optional<String> confidence) {
        return new Measurement(
                name,
                kind,
                own.nll() + more,
                own.standardError(),
                own.bitsPerByte(),
                own.meanDepth(),
                own.meanLayers(),
                own.shareOfTokensPerDepth(),
                flops,
                own.cacheBytesPerToken(),
                confidence.map(exits -> new EarlyExitSetting(0.5, exits, 0.9, 0.9 * flops)),
                List.of());
    }

    /// A comparison of a family with vanilla's exits, undecided if the difference is within the margin.
    static EqualCostComparison equalCost(
            String family, String size, boolean checksCount, double difference, double margin) {
        return new EqualCostComparison(
                family,
                "vanilla",
                "softmax",
                checksCount,
                size,
                4e12,
                11.2e6,
                3,
                new FittedValue(
                        Optional.of(difference),
                        Optional.of(difference - margin),
                        Optional.of(difference + margin),
                        ""),
                Math.abs(difference) <= margin ? Verdict.UNDECIDED : difference < 0 ? Verdict.BETTER : Verdict.WORSE,
                "");
    }

    /// A family whose FLOPs exceed the range of the exits at one end.
    static EqualCostComparison apart(String family, String size, boolean checksCount, double flops) {
        return new EqualCostComparison(
                family,
                "vanilla",
                "saturation",
                checksCount,
                size,
                4e12,
                flops,
                3,
                new FittedValue(Optional.empty(), Optional.empty(), Optional.empty(), "why"),
                Verdict.UNDECIDED,
                "");
    }

    private static FamilySummary family(String name) {
        return new FamilySummary(name, "small-" + name, List.of(1e-3), Optional.of(1e-3));
    }

    private static RunResult run(String family, String size, long seed, double nll) {
        boolean vanilla = family.equals("vanilla");
        String id = family + "-" + size + "-" + seed;
        long parameters = size.equals("small") ? 3_000_000 : 6_000_000;
        return new RunResult(
                id,
                RunPurpose.GRID,
                family,
                size,
                4e12,
                seed,
                1e-3,
                "runs/" + id + "/last",
                Recipe.builtIn(Objects.requireNonNull(RECIPES.get(family)), List.of())
                        .toYaml(),
                new ModelSummary(
                        parameters + 1_000_000,
                        parameters,
                        parameters,
                        0,
                        vanilla ? 1 : 2,
                        vanilla ? 1 : 1.5,
                        vanilla ? 1 : 1.5,
                        8,
                        8,
                        1e7),
                new TrainingSummary(500, 280_000, 4e12, Optional.empty(), 500, 150, 1900),
                nll,
                List.of(new Measurement(
                        "held-out",
                        "held_out",
                        nll + seed * 0.001,
                        0.02,
                        1.6,
                        vanilla ? 1 : 1.5,
                        vanilla ? 8 : 6.5,
                        vanilla ? List.of(1.0) : List.of(0.5, 0.5),
                        vanilla ? 1.39e7 : 1.12e7,
                        vanilla ? 4096 : 3300,
                        Optional.empty(),
                        List.of())),
                vanilla
                        ? Optional.empty()
                        : Optional.of(new MeasuredGains(64, List.of(AuditSectionsTest.gain(0, 0.25)))));
    }

    private static FamilyComparison comparison(
            String family, String baseline, int seeds, double difference, double margin) {
        return new FamilyComparison(
                family,
                baseline,
                ComparisonScope.BEST_SIZE,
                "large",
                "large",
                4e12,
                seeds,
                24,
                difference,
                difference - margin,
                difference + margin,
                margin / 2,
                Optional.of(margin / 4),
                seeds - 1,
                Math.abs(difference) <= margin ? Verdict.UNDECIDED : difference < 0 ? Verdict.BETTER : Verdict.WORSE,
                "");
    }
}
