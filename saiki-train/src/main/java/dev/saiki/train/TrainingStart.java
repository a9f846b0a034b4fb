package dev.saiki.train;

import dev.saiki.checkpoint.config.ModelConfig;
import java.nio.file.Path;

/// The facts about a run that are known before its first step.
///
/// @param config the model
/// @param parameters the model's parameters, the embedding and frozen ones included
/// @param firstStep the number of steps already taken: 0 for a new run
/// @param totalSteps the number of steps of the whole run
/// @param tokensPerStep training tokens in a global batch
/// @param forwardFlopsPerToken forward FLOPs per token, by the paper's accounting
/// @param trainingTokens the number of tokens in the training split
/// @param folder the run's folder
public record TrainingStart(
        ModelConfig config,
        long parameters,
        long firstStep,
        long totalSteps,
        long tokensPerStep,
        double forwardFlopsPerToken,
        long trainingTokens,
        Path folder) {}
