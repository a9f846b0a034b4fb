package dev.saiki.study.statistics;

import dev.saiki.eval.Estimate;
import dev.saiki.eval.Verdict;
import dev.saiki.study.results.ComparisonScope;
import dev.saiki.study.results.FamilyComparison;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyResults;
import dev.saiki.study.statistics.LossSample.Cell;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The comparisons of families at each budget.
///
/// @param results the runs
/// @param sample the losses of the runs
/// @param bootstrap the resamples of documents and seeds
record ComparisonAnalysis(StudyResults results, LossSample sample, Bootstrap bootstrap) {

    /// The reason why an interval over documents alone allows no verdict.
    static final String SEEDS_ARE_UNKNOWN =
            "no model was trained with two seeds at this budget, so the interval" + " excludes training noise";

    /// Compares a family with other families, first at equal sizes and then each at its best size.
    List<FamilyComparison> of(String family, List<String> others) {
        List<FamilyComparison> comparisons = new ArrayList<>();
        for (String other : others) {
            for (double budget : results.budgets()) {
                for (String size : results.sizes()) {
                    compare(ComparisonScope.SAME_SIZE, new Cell(family, size, budget), new Cell(other, size, budget))
                            .ifPresent(comparisons::add);
                }
                Optional<Cell> mine = best(family, budget);
                Optional<Cell> theirs = best(other, budget);
                if (results.sizes().size() > 1 && mine.isPresent() && theirs.isPresent()) {
                    compare(ComparisonScope.BEST_SIZE, mine.get(), theirs.get()).ifPresent(comparisons::add);
                }
            }
        }
        return comparisons;
    }

    /// The size with the lowest loss on the tuning documents; empty until all sizes are finished.
    private Optional<Cell> best(String family, double budget) {
        List<Cell> cells = results.sizes().stream()
                .map(size -> new Cell(family, size, budget))
                .filter(sample::has)
                .toList();
        return cells.size() < results.sizes().size()
                ? Optional.empty()
                : cells.stream()
                        .min(Comparator.comparingDouble(cell -> sample.runs(cell).stream()
                                .mapToDouble(RunResult::tuningNll)
                                .average()
                                .orElseThrow()));
    }

    private Optional<FamilyComparison> compare(ComparisonScope scope, Cell mine, Cell theirs) {
        if (!sample.has(mine) || !sample.has(theirs)) {
            return Optional.empty();
        }
        int seeds = Math.min(sample.runs(mine).size(), sample.runs(theirs).size());
        Estimate overDocuments = sample.difference(mine, theirs);
        Bootstrap.ResampledInterval interval =
                bootstrap.interval(losses -> Optional.of(losses.applyAsDouble(mine) - losses.applyAsDouble(theirs)));
        SeedVariance variance = sample.seedVariance(mine.budget());
        boolean seedsAreKnown = variance.freedom() > 0;
        return Optional.of(new FamilyComparison(
                mine.family(),
                theirs.family(),
                scope,
                mine.size(),
                theirs.size(),
                mine.budget(),
                seeds,
                overDocuments.clusters(),
                overDocuments.mean(),
                interval.low(),
                interval.high(),
                overDocuments.standardError(),
                seedsAreKnown ? Optional.of(seedError(variance, mine, theirs)) : Optional.empty(),
                variance.freedom(),
                seedsAreKnown ? Verdict.of(interval.low(), interval.high()) : Verdict.UNDECIDED,
                seedsAreKnown ? "" : SEEDS_ARE_UNKNOWN));
    }

    private double seedError(SeedVariance variance, Cell mine, Cell theirs) {
        return Math.sqrt(variance.variance()
                * (1.0 / sample.runs(mine).size() + 1.0 / sample.runs(theirs).size()));
    }
}
