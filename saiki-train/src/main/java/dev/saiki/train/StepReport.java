package dev.saiki.train;

import java.time.Duration;

/// The progress of a run after a step, for display.
///
/// @param step the number of steps taken, including this one
/// @param totalSteps the number of steps of the whole run
/// @param crossEntropyLoss mean negative log-likelihood of the next token, nats
/// @param tokensPerSecond training tokens per second between the last two logged steps, excluding validation and
///     saving
/// @param meanRecursionDepth the mean number of recursions per token in this step; 1 for vanilla
/// @param learningRate the learning rate of this step
/// @param remaining the estimated time left at the average pace so far, including validation and saving
public record StepReport(
        long step,
        long totalSteps,
        double crossEntropyLoss,
        double tokensPerSecond,
        double meanRecursionDepth,
        double learningRate,
        Duration remaining) {}
