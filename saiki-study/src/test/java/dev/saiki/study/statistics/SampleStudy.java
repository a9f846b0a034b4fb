package dev.saiki.study.statistics;

import dev.saiki.eval.Estimate;
import dev.saiki.study.plan.BudgetUnit;
import dev.saiki.study.plan.Budgets;
import dev.saiki.study.plan.StudyPlan;
import dev.saiki.study.results.DatasetSummary;
import dev.saiki.study.results.FamilySummary;
import dev.saiki.study.results.Measurement;
import dev.saiki.study.results.ModelSummary;
import dev.saiki.study.results.RunPurpose;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyEnvironment;
import dev.saiki.study.results.StudyProgress;
import dev.saiki.study.results.StudyResults;
import dev.saiki.study.results.TrainingSummary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/// A study whose losses follow a law instead of being trained.
///
/// @param families the families with their shapes
/// @param sizes the non-embedding parameters of the sizes
/// @param unit the unit of a budget
/// @param budgets the lengths of trainings
/// @param seeds the seeds
/// @param documents the number of held-out documents, each of two rows of 100 tokens
public record SampleStudy(
        List<Shape> families,
        List<Long> sizes,
        BudgetUnit unit,
        List<Double> budgets,
        List<Long> seeds,
        int documents) {

    public static final int ROW_TOKENS = 100;

    /// A family.
    ///
    /// @param name the name of the family
    /// @param depth the number of recursions
    /// @param recurrentShare the share of a size's parameters that recurs
    public record Shape(String name, int depth, double recurrentShare) {}

    /// The mean loss of a document's tokens.
    public interface Law {
        double loss(RunResult run, int document);
    }

    public static SampleStudy of(String... families) {
        return new SampleStudy(
                List.of(families).stream().map(name -> new Shape(name, 1, 0)).toList(),
                List.of(100_000L, 400_000L, 1_600_000L),
                BudgetUnit.FORWARD_FLOPS,
                List.of(1e11, 4e11, 1.6e12),
                List.of(0L, 1L),
                20);
    }

    public SampleStudy withFamilies(Shape... shapes) {
        return new SampleStudy(List.of(shapes), sizes, unit, budgets, seeds, documents);
    }

    public SampleStudy withSeeds(Long... fresh) {
        return new SampleStudy(families, sizes, unit, budgets, List.of(fresh), documents);
    }

    public SampleStudy withSizes(Long... fresh) {
        return new SampleStudy(families, List.of(fresh), unit, budgets, seeds, documents);
    }

    public SampleStudy withBudgets(Double... fresh) {
        return new SampleStudy(families, sizes, unit, List.of(fresh), seeds, documents);
    }

    public SampleStudy withTokens(Double... fresh) {
        return new SampleStudy(families, sizes, BudgetUnit.TOKENS, List.of(fresh), seeds, documents);
    }

    /// The results without comparisons and fits.
    public StudyResults results(Law law) {
        List<RunResult> runs = new ArrayList<>();
        for (Shape family : families) {
            for (long size : sizes) {
                for (double budget : budgets) {
                    for (long seed : seeds) {
                        runs.add(measured(bare(family, size, budget, seed), law));
                    }
                }
            }
        }
        List<Integer> rowDocuments =
                IntStream.range(0, 2 * documents).mapToObj(row -> row / 2).toList();
        List<Long> rowTokens = rowDocuments.stream().map(_ -> (long) ROW_TOKENS).toList();
        return new StudyResults(
                StudyResults.FILE.version(),
                "sample",
                new StudyEnvironment("0", 2, "here", "then", "now", Optional.empty()),
                new DatasetSummary(
                        "words",
                        "hash",
                        512,
                        9,
                        1_000_000,
                        documents + 5,
                        9000,
                        ROW_TOKENS,
                        (long) ROW_TOKENS * rowTokens.size(),
                        9000,
                        500,
                        rowDocuments,
                        rowTokens),
                families.stream()
                        .map(family -> new FamilySummary(family.name(), "recipe", List.of(1e-3), Optional.of(1e-3)))
                        .toList(),
                sizes.stream().map(String::valueOf).toList(),
                Optional.of(unit),
                budgets,
                seeds,
                new StudyProgress(runs.size(), runs.size(), List.of(), 60, Optional.of(0.0)),
                runs,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                Optional.empty(),
                List.of());
    }

    /// The results with comparisons of every family with the first family, and fits.
    public StudyResults analysed(Law law, int resamples) {
        String first = families.getFirst().name();
        return analysed(law, resamples, family -> family.equals(first) ? List.of() : List.of(first));
    }

    /// The results with comparisons of every family with the named families, and fits.
    StudyResults analysed(Law law, int resamples, Function<String, List<String>> compareWith) {
        StudyPlan plan = new StudyPlan(
                "sample",
                new StudyPlan.TextSource.Prepared(Path.of("nowhere")),
                StudyPlan.Schedule.DEFAULT,
                sizes.stream()
                        .map(size -> new StudyPlan.Size(String.valueOf(size), List.of()))
                        .toList(),
                families.stream()
                        .map(family -> new StudyPlan.Family(
                                family.name(),
                                new StudyPlan.RecipeReference.BuiltIn("small-vanilla"),
                                List.of(),
                                List.of(1e-3),
                                compareWith.apply(family.name())))
                        .toList(),
                new Budgets(unit, budgets),
                seeds,
                new StudyPlan.Sweep(String.valueOf(sizes.getFirst()), budgets.getFirst()),
                new StudyPlan.EvaluationSettings(64, 0.25, List.of(), resamples, Optional.empty(), Optional.empty()),
                Optional.empty());
        return StudyAnalysis.of(results(law), plan);
    }

    private static RunResult bare(Shape family, long size, double budget, long seed) {
        long recurrent = Math.round(size * family.recurrentShare());
        double flopsPerToken = 2.0 * (size - recurrent + family.depth() * recurrent);
        ModelSummary model = new ModelSummary(
                size + 1000,
                size,
                size - recurrent,
                recurrent,
                family.depth(),
                family.depth(),
                family.depth(),
                4,
                8,
                flopsPerToken);
        long tokens = Math.round(budget / flopsPerToken);
        return new RunResult(
                family.name() + "-" + size + "-" + budget + "-" + seed,
                RunPurpose.GRID,
                family.name(),
                String.valueOf(size),
                budget,
                seed,
                1e-3,
                "runs/x/last",
                "",
                model,
                new TrainingSummary(10, tokens, budget, Optional.empty(), 10, 1, 1000),
                0,
                List.of(),
                Optional.empty());
    }

    private RunResult measured(RunResult run, Law law) {
        List<Double> rows = new ArrayList<>();
        List<Estimate.Cluster> clusters = new ArrayList<>();
        for (int document = 0; document < documents; document++) {
            double nll = ROW_TOKENS * law.loss(run, document);
            rows.add(nll);
            rows.add(nll);
            clusters.add(new Estimate.Cluster(2 * ROW_TOKENS, 2 * nll));
        }
        Estimate estimate = Estimate.overTokens(clusters);
        return run.measured(
                estimate.mean(),
                List.of(new Measurement(
                        "causal",
                        "held_out",
                        estimate.mean(),
                        estimate.standardError(),
                        1,
                        run.model().numRecursions(),
                        8,
                        List.of(1.0),
                        1,
                        1,
                        Optional.empty(),
                        rows)),
                Optional.empty());
    }
}
