package dev.saiki.study.results;

import dev.saiki.eval.Verdict;
import java.util.Optional;

/// The loss of a family minus that of another at one budget, paired over held-out documents and averaged over
/// seeds.
///
/// @param family the family
/// @param baseline the family that is subtracted
/// @param scope which models
/// @param size the family's size
/// @param baselineSize the other's size
/// @param budget the length of each training, in the unit of the study
/// @param seeds seeds behind it
/// @param documents held-out documents behind it
/// @param difference nats per token; negative if the family is better
/// @param low lower end of the interval
/// @param high upper end of the interval
/// @param documentError standard error from the choice of held-out documents
/// @param seedError standard error from the choice of seeds; absent if no cell of the study has two seeds
/// @param seedFreedom degrees of freedom behind it
/// @param verdict what may be said
/// @param reason why nothing may be said if the interval alone does not tell; empty otherwise
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
        String reason) {}
