package dev.saiki.train;

/// The settings that change from training step to training step.
///
/// @param step which step this is, from 1
/// @param learningRate of this step
/// @param seed of the run; all randomness of a step derives from the seed and the step
public record StepContext(long step, double learningRate, long seed) {}
