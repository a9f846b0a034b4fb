package dev.saiki.study.results;

import dev.saiki.eval.Verdict;

/// The loss of a family minus the loss of another family with early exits, at the same FLOPs per held-out token,
/// averaged over seeds. The other family's loss is interpolated linearly between its two nearest settings, one of
/// which may be full depth.
///
/// @param family the family
/// @param other the family with exits
/// @param confidence confidence measure of the exits
/// @param checksCount whether the cost of the exit checks counts; if not, exits look cheaper than they can be
/// @param size the size of both models
/// @param budget the length of each training, in the unit of the study
/// @param flopsPerToken the family's FLOPs per token
/// @param seeds number of seeds
/// @param difference nats per token, negative if the family is better; or the reason why the difference is missing
/// @param verdict the verdict
/// @param reason the reason why no verdict is possible, if the interval alone does not show it; otherwise
///     empty
public record EqualCostComparison(
        String family,
        String other,
        String confidence,
        boolean checksCount,
        String size,
        double budget,
        double flopsPerToken,
        int seeds,
        FittedValue difference,
        Verdict verdict,
        String reason) {}
