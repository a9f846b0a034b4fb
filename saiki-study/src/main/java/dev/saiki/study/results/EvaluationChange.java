package dev.saiki.study.results;

import dev.saiki.eval.Verdict;

/// The loss of a checkpoint under a further evaluation minus its held-out loss with causal routing, paired over
/// held-out documents. The interval holds for the seed of the checkpoint, without seed variance.
///
/// @param run id of the run
/// @param evaluation name of the evaluation
/// @param difference nats per token; positive if the loss is higher under the further evaluation
/// @param low lower end of the interval
/// @param high upper end of the interval
/// @param verdict the verdict on the evaluation
public record EvaluationChange(
        String run, String evaluation, double difference, double low, double high, Verdict verdict) {}
