package dev.saiki.study.statistics;

import dev.saiki.eval.format.Numbers;
import dev.saiki.study.results.FamilySummary;
import dev.saiki.study.results.FittedValue;
import dev.saiki.study.results.ModelSummary;
import dev.saiki.study.results.RecurrenceFit;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyResults;
import dev.saiki.study.statistics.IsoDepthLaw.TrainedModel;
import dev.saiki.study.statistics.LossSample.Cell;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/// The worth of a recursion: the exponent of the iso-depth law for each recursive family, fitted together with a
/// vanilla family, which determines the law's other constants.
///
/// @param results the runs
/// @param sample the losses of the runs
/// @param bootstrap the resamples of documents and seeds
record RecurrenceAnalysis(StudyResults results, LossSample sample, Bootstrap bootstrap) {

    /// Minimum number of cells in each of the two families. Together, there are more cells than the law's six
    /// constants, so that the fit can be checked.
    private static final int MIN_CELLS = 4;

    private static final int MIN_SIZES = 2;

    /// The largest plausible exponent: a larger one means that the law does not hold.
    private static final double MAX_PHI = 4;

    /// A limit on resamples, because a fit takes a thousand times as long as a mean.
    private static final int MAX_RESAMPLES = 300;

    private static final double MAX_FAILED = 0.05;

    /// Fits every recursive family.
    List<RecurrenceFit> all() {
        List<String> vanilla = families(false);
        List<RecurrenceFit> fitted = new ArrayList<>();
        for (String family : families(true)) {
            if (vanilla.isEmpty()) {
                fitted.add(new RecurrenceFit(
                        family, "", 0, FittedValue.impossible("the study has no vanilla family"), Optional.empty()));
            } else {
                fitted.add(fit(family, vanilla.getFirst()));
            }
        }
        return fitted;
    }

    private List<String> families(boolean recurring) {
        return results.families().stream()
                .map(FamilySummary::name)
                .filter(name ->
                        cells(name).stream().anyMatch(cell -> (model(cell).numRecursions() > 1) == recurring))
                .toList();
    }

    private RecurrenceFit fit(String family, String reference) {
        List<Cell> mine = cells(family);
        List<Cell> theirs = cells(reference);
        List<Cell> all = new ArrayList<>(theirs);
        all.addAll(mine);
        Optional<String> problem = tooFewCells(mine).or(() -> tooFewCells(theirs));
        if (problem.isPresent()) {
            return new RecurrenceFit(
                    family, reference, all.size(), FittedValue.impossible(problem.get()), Optional.empty());
        }
        Optional<IsoDepthLaw> law = IsoDepthLaw.fit(points(all, sample::loss));
        if (law.isEmpty() || Math.abs(law.get().phi()) > MAX_PHI) {
            return new RecurrenceFit(
                    family,
                    reference,
                    all.size(),
                    FittedValue.impossible("the losses do not follow the law: no exponent between -" + MAX_PHI + " and "
                            + MAX_PHI + " fits them"),
                    law.map(IsoDepthLaw::residual));
        }
        Bootstrap.ResampledInterval interval = bootstrap.intervalOverBudgets(
                losses -> IsoDepthLaw.fitFrom(law.get(), points(all, losses))
                        .map(IsoDepthLaw::phi)
                        .filter(phi -> Math.abs(phi) <= MAX_PHI),
                MAX_RESAMPLES);
        FittedValue phi = interval.failed() > MAX_FAILED
                ? FittedValue.impossible("the losses do not follow the law in " + Numbers.percent(interval.failed(), 0)
                        + " of the resamples")
                : FittedValue.of(law.get().phi(), interval.low(), interval.high());
        return new RecurrenceFit(
                family, reference, all.size(), phi, Optional.of(law.get().residual()));
    }

    private Optional<String> tooFewCells(List<Cell> cells) {
        long sizes = cells.stream().map(Cell::size).distinct().count();
        long budgets = cells.stream().map(Cell::budget).distinct().count();
        if (cells.size() >= MIN_CELLS && sizes >= MIN_SIZES && budgets >= MIN_SIZES) {
            return Optional.empty();
        }
        return Optional.of(
                "the law needs " + MIN_CELLS + " trainings over two sizes and two budgets of each family, and "
                        + (cells.isEmpty() ? "one" : cells.getFirst().family()) + " has " + cells.size() + " over "
                        + sizes + " and "
                        + budgets);
    }

    private List<Cell> cells(String family) {
        List<Cell> cells = new ArrayList<>();
        for (String size : results.sizes()) {
            for (double budget : results.budgets()) {
                Cell cell = new Cell(family, size, budget);
                if (sample.has(cell)) {
                    cells.add(cell);
                }
            }
        }
        return cells;
    }

    private ModelSummary model(Cell cell) {
        return sample.runs(cell).getFirst().model();
    }

    private List<TrainedModel> points(List<Cell> cells, ToDoubleFunction<Cell> losses) {
        return cells.stream()
                .map(cell -> {
                    RunResult run = sample.runs(cell).getFirst();
                    return new TrainedModel(
                            (double) run.model().onceParameters(),
                            (double) run.model().recurrentParameters(),
                            run.model().meanTrainedDepth(),
                            (double) run.training().tokens(),
                            losses.applyAsDouble(cell));
                })
                .toList();
    }
}
