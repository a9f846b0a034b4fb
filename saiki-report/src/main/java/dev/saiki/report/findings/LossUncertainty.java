package dev.saiki.report.findings;

import dev.saiki.eval.Interval;
import dev.saiki.eval.StudentT;
import dev.saiki.study.results.RunPurpose;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyResults;
import dev.saiki.study.statistics.SeedVariance;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The uncertainties of a study's losses at one budget, not of differences between losses.
///
/// Two or three seeds of one model say almost nothing about the variance over seeds, so the variance is pooled
/// over all families and sizes of the budget, as it is for differences between models. All models are scored on
/// the same documents, so the choice of documents shifts all losses alike and mostly cancels in differences.
///
/// @param seeds variance of a run's loss over seeds
/// @param documents number of held-out documents behind each loss
record LossUncertainty(SeedVariance seeds, int documents) {

    private static final double TAIL = 0.5 + Interval.CONFIDENCE / 2;

    /// The uncertainty of one loss.
    ///
    /// @param standardError standard deviation of the loss over repeated measurements
    /// @param margin half the width of the 95 % interval; NaN if unknown
    record Uncertainty(double standardError, double margin) {}

    /// Pools the variance over the runs of a budget.
    static LossUncertainty of(StudyResults results, double budget) {
        Map<List<String>, List<Double>> models = results.runs().stream()
                .filter(run -> run.purpose() == RunPurpose.GRID && run.budget() == budget)
                .collect(Collectors.groupingBy(
                        run -> List.of(run.family(), run.size()),
                        Collectors.mapping(run -> run.heldOut().nll(), Collectors.toList())));
        return new LossUncertainty(SeedVariance.pooled(models.values()), (int)
                results.data().rowDocuments().stream().distinct().count());
    }

    /// Half the width of the 95 % interval of a mean over seeds, on the same documents; NaN if every model
    /// has a single seed.
    double seedMargin(int trainings) {
        return seeds.isKnown()
                ? Math.sqrt(seeds.variance() / trainings) * StudentT.quantile(TAIL, seeds.freedom())
                : Double.NaN;
    }

    /// The standard error of the mean over runs that differ in their seed. The error covers documents and, if
    /// known, seeds; the degrees of freedom of the sum of the two variances are Welch and Satterthwaite's.
    Uncertainty about(List<RunResult> runs) {
        double ofDocuments = runs.stream()
                .mapToDouble(run -> run.heldOut().standardError())
                .average()
                .orElseThrow();
        double documentVariance = ofDocuments * ofDocuments;
        double meanSeedVariance = seeds.variance() / runs.size();
        double variance = documentVariance + meanSeedVariance;
        if (documents < 2 || !(variance > 0)) {
            return new Uncertainty(Math.sqrt(variance), variance == 0 ? 0 : Double.NaN);
        }
        double uncertainty = documentVariance * documentVariance / (documents - 1)
                + (seeds.isKnown() ? meanSeedVariance * meanSeedVariance / seeds.freedom() : 0);
        int freedom = Math.max(1, (int) Math.floor(variance * variance / uncertainty));
        return new Uncertainty(Math.sqrt(variance), Math.sqrt(variance) * StudentT.quantile(TAIL, freedom));
    }
}
