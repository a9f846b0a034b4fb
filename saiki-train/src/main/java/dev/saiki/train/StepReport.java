package dev.saiki.train;

import java.time.Duration;

/// The progress of a run after a step, for display.
///
/// @param step the number of steps taken, this one included
/// @param totalSteps the steps of the whole run
/// @param crossEntropyLoss mean negative log-likelihood of the next token, nats
/// @param tokensPerSecond training tokens a second over the last steps; validation and saving are not counted
/// @param meanRecursionDepth mean number of recursions of a token of this step; 1 for vanilla
/// @param learningRate the learning rate of this step
/// @param remaining how long the rest will take at the pace so far, validation and saving included
public record StepReport(
        long step,
        long totalSteps,
        double crossEntropyLoss,
        double tokensPerSecond,
        double meanRecursionDepth,
        double learningRate,
        Duration remaining) {}
