package dev.saiki.report.findings;

import dev.saiki.eval.Median;
import dev.saiki.eval.TextScore;
import dev.saiki.report.ReportSection.PromptSamples;
import dev.saiki.report.ReportSection.Sample;
import dev.saiki.report.findings.Findings.Attachments;
import dev.saiki.report.findings.Findings.ComparedModel;
import dev.saiki.report.findings.Findings.Contrast;
import dev.saiki.report.findings.Findings.DepthShares;
import dev.saiki.report.findings.Findings.Examples;
import dev.saiki.report.findings.Findings.Kind;
import dev.saiki.report.findings.Findings.LossEstimate;
import dev.saiki.report.findings.Findings.Origin;
import dev.saiki.report.findings.Findings.TrainingCost;
import dev.saiki.study.TrainingLog;
import dev.saiki.study.pilot.Pilot;
import dev.saiki.study.plan.PlanCopy;
import dev.saiki.study.plan.StudyPlan;
import dev.saiki.study.results.ComparisonScope;
import dev.saiki.study.results.DecodeSpeed;
import dev.saiki.study.results.FamilyComparison;
import dev.saiki.study.results.FamilySummary;
import dev.saiki.study.results.GeneratedSamples;
import dev.saiki.study.results.Measurement;
import dev.saiki.study.results.RunPurpose;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyResults;
import dev.saiki.study.results.TextSample;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/// The results of a study as findings: each family at the budget at which the most families have runs (the largest
/// one of several) and, if known, at its best size.
final class StudyFindings {

    /// The command that repeats a study whose folder does not contain its plan.
    static final String UNKNOWN_PLAN = repeat("plan.yaml", "study");

    private final StudyResults results;
    private final Path path;
    private final List<RunResult> grid;

    private StudyFindings(StudyResults results, Path path) {
        this.results = results;
        this.path = path;
        this.grid = results.runs().stream()
                .filter(run -> run.purpose() == RunPurpose.GRID)
                .toList();
    }

    /// Converts the results of a study.
    ///
    /// @param results the results
    /// @param path the study's folder, which holds the runs' logs
    /// @param folder the study's folder as named by the user
    /// @throws IOException if a log cannot be read
    static Findings of(StudyResults results, Path path, String folder) throws IOException {
        return new StudyFindings(results, path).findings(folder);
    }

    private static String repeat(String plan, String kind) {
        return "./saiki study --plan " + Appendix.quoted(plan) + " --out runs/" + kind + "-again";
    }

    private Findings findings(String folder) throws IOException {
        double budget = budget();
        List<FamilyComparison> comparisons = comparisons(budget);
        Optional<StudyPlan.Preset> preset = results.setting().preset();
        return new Findings(
                new Origin(
                        preset.isPresent() ? Kind.PILOT : Kind.STUDY,
                        folder,
                        preset.isPresent() ? results.data().corpus() : results.name(),
                        results.setting().processors(),
                        results.setting().platform(),
                        results.setting().updated(),
                        seeds(budget),
                        results.progress().isComplete(),
                        preset.isPresent()
                                ? repeat(folder + "/" + Pilot.PLAN_FILE, "pilot")
                                : Files.exists(path.resolve(PlanCopy.NAME))
                                        ? repeat(folder + "/" + PlanCopy.NAME, "study")
                                        : UNKNOWN_PLAN),
                Optional.of(results.data()),
                budget,
                subjects(budget, comparisons),
                comparisons.stream().map(StudyFindings::contrast).toList(),
                results.floor(),
                Optional.of(results),
                new Examples(Optional.empty(), samples()),
                List.of(),
                new Attachments(speeds(), List.of(), List.of(), List.of()));
    }

    /// The models' samples, prompt by prompt.
    private List<PromptSamples> samples() {
        if (results.written().isEmpty()) {
            return List.of();
        }
        List<PromptSamples> samples = new ArrayList<>();
        List<TextSample> first = results.written().getFirst().samples();
        for (int i = 0; i < first.size(); i++) {
            int prompt = i;
            samples.add(new PromptSamples(
                    first.get(i).prompt(),
                    results.written().stream()
                            .map(written -> new Sample(
                                    run(written).family(),
                                    written.samples().get(prompt).text(),
                                    written.samples().get(prompt).meanDepth()))
                            .toList()));
        }
        return samples;
    }

    private List<EngineSpeed> speeds() {
        return results.written().stream()
                .flatMap(written -> written.speed().stream().map(speed -> speed(run(written), speed)))
                .toList();
    }

    private static EngineSpeed speed(RunResult run, DecodeSpeed speed) {
        List<Double> rounds = speed.tokensPerSecond().stream().sorted().toList();
        return new EngineSpeed(
                run.checkpoint(),
                "decode",
                speed.weights(),
                speed.sequences(),
                speed.promptTokens(),
                speed.tokens(),
                new EngineSpeed.Rounds(
                        rounds.size(), Median.of(rounds, Double::doubleValue), rounds.getFirst(), rounds.getLast()),
                speed.weightBytes());
    }

    private RunResult run(GeneratedSamples written) {
        return grid.stream()
                .filter(run -> run.id().equals(written.run()))
                .findFirst()
                .orElseThrow();
    }

    /// The budget at which the most families have runs; if there are several, the largest of them.
    private double budget() {
        return results.budgets().stream()
                .max(Comparator.<Double>comparingLong(budget -> grid.stream()
                                .filter(run -> run.budget() == budget)
                                .map(RunResult::family)
                                .distinct()
                                .count())
                        .thenComparing(Comparator.naturalOrder()))
                .orElse(Double.NaN);
    }

    /// The seeds with finished trainings at a budget; a plan may name more seeds.
    private List<Long> seeds(double budget) {
        return results.seeds().stream()
                .filter(seed -> grid.stream().anyMatch(run -> run.budget() == budget && run.seed() == seed))
                .toList();
    }

    /// The comparisons at a budget: between best sizes if there are any, otherwise at the last size that has
    /// comparisons.
    private List<FamilyComparison> comparisons(double budget) {
        List<FamilyComparison> all = results.comparisons().stream()
                .filter(comparison -> comparison.budget() == budget)
                .toList();
        List<FamilyComparison> best = all.stream()
                .filter(comparison -> comparison.scope() == ComparisonScope.BEST_SIZE)
                .toList();
        if (!best.isEmpty()) {
            return best;
        }
        return all.stream()
                .max(Comparator.comparingInt(comparison -> results.sizes().indexOf(comparison.size())))
                .map(last -> all.stream()
                        .filter(comparison -> comparison.size().equals(last.size()))
                        .toList())
                .orElse(List.of());
    }

    private List<ComparedModel> subjects(double budget, List<FamilyComparison> comparisons) throws IOException {
        List<ComparedModel> subjects = new ArrayList<>();
        for (FamilySummary family : results.families()) {
            List<RunResult> ofFamily = grid.stream()
                    .filter(run -> run.family().equals(family.name()) && run.budget() == budget)
                    .toList();
            String size = comparisons.stream()
                    .flatMap(comparison -> comparison.sizeOf(family.name()).stream())
                    .findFirst()
                    .orElseGet(
                            () -> ofFamily.isEmpty() ? "" : ofFamily.getLast().size());
            List<RunResult> runs =
                    ofFamily.stream().filter(run -> run.size().equals(size)).toList();
            if (!runs.isEmpty()) {
                subjects.add(subject(family, runs));
            }
        }
        return subjects;
    }

    private ComparedModel subject(FamilySummary family, List<RunResult> runs) throws IOException {
        RunResult first = runs.getFirst();
        return new ComparedModel(
                family.name(),
                role(first),
                runs.stream().map(RunResult::checkpoint).toList(),
                first.model().numRecursions(),
                first.model().nonEmbeddingParameters(),
                new TrainingCost(
                        first.learningRate(),
                        first.training().tokens(),
                        first.training().forwardFlops(),
                        first.training().tokens() / first.training().tokensPerSecond(),
                        TrainingLog.read(path.resolve(first.checkpoint()).resolveSibling(""))
                                .curve()),
                loss(runs),
                new DepthShares(
                        mean(runs, Measurement::meanDepth),
                        shares(runs),
                        first.model().numRecursions() == 2 ? first.model().meanDefaultDepth() - 1 : Double.NaN),
                mean(runs, Measurement::flopsPerToken),
                mean(runs, Measurement::cacheBytesPerToken));
    }

    /// The results do not contain the kind of router, but the recipe of a run does.
    private static ModelRole role(RunResult run) {
        return ModelRole.of(Recipe.parse(run.recipe(), List.of()).model().config());
    }

    /// The mean loss over seeds, with an error that covers the choice of documents and, if known, of seeds.
    private LossEstimate loss(List<RunResult> runs) {
        double nll = mean(runs, Measurement::nll);
        LossUncertainty.Uncertainty doubt =
                LossUncertainty.of(results, runs.getFirst().budget()).about(runs);
        return new LossEstimate(
                nll,
                doubt.standardError(),
                nll - doubt.margin(),
                nll + doubt.margin(),
                mean(runs, Measurement::bitsPerByte));
    }

    private static double mean(List<RunResult> runs, ToDoubleFunction<Measurement> quantity) {
        return runs.stream()
                .mapToDouble(run -> quantity.applyAsDouble(run.heldOut()))
                .average()
                .orElseThrow();
    }

    private static List<Double> shares(List<RunResult> runs) {
        int depths = runs.getFirst().heldOut().shareOfTokensPerDepth().size();
        List<Double> shares = new ArrayList<>();
        for (int depth = 0; depth < depths; depth++) {
            int at = depth;
            shares.add(mean(
                    runs, measurement -> measurement.shareOfTokensPerDepth().get(at)));
        }
        return shares;
    }

    private static Contrast contrast(FamilyComparison comparison) {
        return new Contrast(
                comparison.family(),
                comparison.baseline(),
                comparison.difference(),
                comparison.low(),
                comparison.high(),
                comparison.seedFreedom() > 0
                        ? Math.min(comparison.documents() - 1, comparison.seedFreedom())
                        : comparison.documents() - 1,
                comparison.seeds(),
                comparison.documents(),
                TextScore.Unit.DOCUMENT,
                comparison.reason());
    }
}
