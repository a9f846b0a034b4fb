package dev.saiki.study.results;

import dev.saiki.eval.Verdict;

/// The loss of a family minus the loss of another with early exits, at the same FLOPs per held-out token, averaged over
/// seeds. The other's loss there lies on the line between its two settings beside it, full depth among them.
///
/// @param family the family
/// @param other the family with exits
/// @param confidence what let a token leave
/// @param checksCount whether asking tokens counts as cost; if not, exits look cheaper than they can be
/// @param size the size of both
/// @param budget forward FLOPs of each training
/// @param flopsPerToken the family's FLOPs for a token
/// @param seeds seeds behind it
/// @param difference nats per token, negative if the family is better; or why there is none
/// @param verdict what may be said
/// @param reason why nothing may be said if the interval alone does not tell; empty otherwise
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
