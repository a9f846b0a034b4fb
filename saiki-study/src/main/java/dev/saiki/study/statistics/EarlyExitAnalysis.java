package dev.saiki.study.statistics;

import dev.saiki.eval.PairedDifference;
import dev.saiki.eval.TextScore;
import dev.saiki.eval.Verdict;
import dev.saiki.study.results.EarlyExitSetting;
import dev.saiki.study.results.EqualCostComparison;
import dev.saiki.study.results.EvaluationChange;
import dev.saiki.study.results.FittedValue;
import dev.saiki.study.results.Measurement;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyResults;
import dev.saiki.study.statistics.LossSample.Cell;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The analysis of early exits: the loss if tokens take fewer layers than in training, and the comparison, at
/// equal cost, between a family with added exits and another family without exits.
///
/// @param results the runs
/// @param sample the losses of the runs
/// @param bootstrap the resamples of documents and seeds
record EarlyExitAnalysis(StudyResults results, LossSample sample, Bootstrap bootstrap) {

    /// A setting of the family with exits.
    ///
    /// @param cell the family at an evaluation
    /// @param flops FLOPs per token at that evaluation
    private record ExitPoint(Cell cell, double flops) {}

    /// The effects of further evaluations on the loss of each checkpoint.
    List<EvaluationChange> changes() {
        List<EvaluationChange> changes = new ArrayList<>();
        for (RunResult run : results.runs()) {
            for (Measurement measured :
                    run.measurements().subList(1, run.measurements().size())) {
                PairedDifference difference =
                        PairedDifference.of(sample.difference(measured, run.heldOut()), TextScore.Unit.DOCUMENT);
                changes.add(new EvaluationChange(
                        run.id(),
                        measured.name(),
                        difference.mean(),
                        difference.low(),
                        difference.high(),
                        Verdict.of(difference.low(), difference.high())));
            }
        }
        return changes;
    }

    /// Compares a family with other families that have early exits, at every budget and size.
    List<EqualCostComparison> of(String family, List<String> others) {
        List<EqualCostComparison> all = new ArrayList<>();
        for (String other : others) {
            for (double budget : results.budgets()) {
                for (String size : results.sizes()) {
                    Cell mine = new Cell(family, size, budget);
                    Cell theirs = new Cell(other, size, budget);
                    if (sample.has(mine) && confidences(mine).isEmpty()) {
                        for (String confidence : confidences(theirs)) {
                            all.add(compare(mine, theirs, confidence, true));
                            all.add(compare(mine, theirs, confidence, false));
                        }
                    }
                }
            }
        }
        return all;
    }

    private EqualCostComparison compare(Cell mine, Cell theirs, String confidence, boolean checksCount) {
        double flops = flops(mine, checksCount);
        List<ExitPoint> settings = settings(theirs, confidence, checksCount);
        FittedValue difference = difference(mine, flops, settings);
        boolean seedsAreKnown = sample.seedVariance(mine.budget()).freedom() > 0
                && settings.stream()
                        .map(ExitPoint::cell)
                        .allMatch(cell ->
                                cell.isCausal() || sample.changeVariance(cell).freedom() > 0);
        return new EqualCostComparison(
                mine.family(),
                theirs.family(),
                confidence,
                checksCount,
                mine.size(),
                mine.budget(),
                flops,
                Math.min(sample.runs(mine).size(), sample.runs(theirs).size()),
                difference,
                difference.isPresent() && seedsAreKnown
                        ? Verdict.of(
                                difference.low().orElseThrow(),
                                difference.high().orElseThrow())
                        : Verdict.UNDECIDED,
                seedsAreKnown ? "" : ComparisonAnalysis.SEEDS_ARE_UNKNOWN);
    }

    /// The loss of a family minus the loss of the other family with exits, at the FLOPs of the former; the loss
    /// with exits is interpolated linearly between its two nearest settings.
    private FittedValue difference(Cell mine, double flops, List<ExitPoint> settings) {
        if (flops < settings.getFirst().flops()) {
            return FittedValue.impossible("no early exit is that cheap");
        }
        if (flops > settings.getLast().flops()) {
            return FittedValue.impossible("full depth is cheaper");
        }
        int above = 1;
        while (above < settings.size() - 1 && settings.get(above).flops() < flops) {
            above++;
        }
        ExitPoint cheap = settings.get(Math.max(0, above - 1));
        ExitPoint dear = settings.get(Math.min(above, settings.size() - 1));
        double way = dear.flops() > cheap.flops() ? (flops - cheap.flops()) / (dear.flops() - cheap.flops()) : 0;
        Bootstrap.ResampledInterval interval = bootstrap.interval(losses -> Optional.of(losses.applyAsDouble(mine)
                - (1 - way) * losses.applyAsDouble(cheap.cell())
                - way * losses.applyAsDouble(dear.cell())));
        double difference = sample.loss(mine) - (1 - way) * sample.loss(cheap.cell()) - way * sample.loss(dear.cell());
        return FittedValue.of(difference, interval.low(), interval.high());
    }

    /// The settings of a family with exits in rising order of cost, full depth last. Settings that cost more than
    /// full depth are useless and left out.
    private List<ExitPoint> settings(Cell full, String confidence, boolean checksCount) {
        double max = flops(full, checksCount);
        List<ExitPoint> settings = new ArrayList<>();
        for (Measurement measured : sample.runs(full).getFirst().measurements()) {
            boolean leaves = measured.exits()
                    .filter(exits -> exits.confidence().equals(confidence))
                    .isPresent();
            Cell cell = full.at(measured.name());
            if (leaves && flops(cell, checksCount) < max) {
                settings.add(new ExitPoint(cell, flops(cell, checksCount)));
            }
        }
        settings.sort(Comparator.comparingDouble(ExitPoint::flops));
        settings.add(new ExitPoint(full, max));
        return settings;
    }

    /// The confidence measures by which tokens of a model exit.
    private List<String> confidences(Cell cell) {
        return sample.runs(cell).stream()
                .limit(1)
                .flatMap(run -> run.measurements().stream())
                .flatMap(measured -> measured.exits().stream())
                .map(EarlyExitSetting::confidence)
                .distinct()
                .toList();
    }

    /// FLOPs per token, averaged over seeds.
    private double flops(Cell cell, boolean checksCount) {
        return sample.runs(cell).stream()
                .map(run -> run.measurement(cell.evaluation()).orElseThrow())
                .mapToDouble(measured -> checksCount ? measured.flopsPerToken() : measured.flopsPerTokenWithoutChecks())
                .average()
                .orElseThrow();
    }
}
