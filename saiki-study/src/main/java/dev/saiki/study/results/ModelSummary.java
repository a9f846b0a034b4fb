package dev.saiki.study.results;

/// What a model is.
///
/// @param parameters all parameters
/// @param nonEmbeddingParameters the same without embedding and head
/// @param onceParameters those of the non-embedding parameters that a token passes once
/// @param recurrentParameters those that it passes again in each recursion; 0 for vanilla
/// @param numRecursions recursions of a token at full depth; 1 for vanilla
/// @param meanTrainedDepth mean recursions of a training token by the configured capacities; with
///     expert-threshold over the efforts, as often as they are trained
/// @param meanDefaultDepth the same at the default effort; equal to it with any other routing
/// @param uniqueLayers layers that are stored
/// @param unrolledLayers layers that a token at full depth passes
/// @param forwardFlopsPerToken forward FLOPs of a training token
public record ModelSummary(
        long parameters,
        long nonEmbeddingParameters,
        long onceParameters,
        long recurrentParameters,
        int numRecursions,
        double meanTrainedDepth,
        double meanDefaultDepth,
        int uniqueLayers,
        int unrolledLayers,
        double forwardFlopsPerToken) {}
