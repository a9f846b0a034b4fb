package dev.saiki.study.results;

import dev.saiki.eval.StudentT;
import dev.saiki.eval.Verdict;
import java.util.Optional;

/// The loss of a family minus the loss of another family at one budget, paired over held-out documents and
/// averaged over seeds.
///
/// @param family the family
/// @param baseline the family to subtract
/// @param scope whether both models have the same size, or each has its best size
/// @param size the family's size
/// @param baselineSize the baseline's size
/// @param budget the length of each training, in the unit of the study
/// @param seeds number of seeds
/// @param documents number of held-out documents
/// @param difference nats per token; negative if the family is better
/// @param low lower end of the interval
/// @param high upper end of the interval
/// @param documentError standard error from the choice of held-out documents
/// @param seedError standard error from the choice of seeds; absent if no model of the budget has two seeds
/// @param seedFreedom degrees of freedom of the seed variance
/// @param verdict the verdict
/// @param reason the reason why no verdict is possible, if the interval alone does not show it; otherwise
///     empty
public record FamilyComparison(
        String family,
        String baseline,
        ComparisonScope scope,
        String size,
        String baselineSize,
        double budget,
        int seeds,
        int documents,
        double difference,
        double low,
        double high,
        double documentError,
        Optional<Double> seedError,
        int seedFreedom,
        Verdict verdict,
        String reason) {

    /// Returns the p-value: the probability of a difference at least this far from zero if the true difference is
    /// zero. The distribution is Student's, with Welch and Satterthwaite's degrees of freedom for a sum of two
    /// variances.
    ///
    /// @return the two-sided p-value; NaN if the error over seeds or documents is unknown
    public double pValue() {
        if (seedError.isEmpty() || documents < 2 || seedFreedom < 1) {
            return Double.NaN;
        }
        double ofDocuments = documentError * documentError;
        double ofSeeds = seedError.get() * seedError.get();
        double variance = ofDocuments + ofSeeds;
        if (Double.isNaN(variance) || Double.isNaN(difference)) {
            return Double.NaN;
        }
        if (variance == 0) {
            return difference == 0 ? 1 : 0;
        }
        double uncertainty = ofDocuments * ofDocuments / (documents - 1) + ofSeeds * ofSeeds / seedFreedom;
        int freedom = Math.max(1, (int) Math.floor(variance * variance / uncertainty));
        return StudentT.beyond(difference / Math.sqrt(variance), freedom);
    }

    /// Returns the size at which a family was compared.
    ///
    /// @param name name of the family
    /// @return the size; empty if the comparison does not include the family
    public Optional<String> sizeOf(String name) {
        if (family.equals(name)) {
            return Optional.of(size);
        }
        return baseline.equals(name) ? Optional.of(baselineSize) : Optional.empty();
    }
}
