package dev.saiki.server.audit;

import java.util.Optional;

/// The settings of a request.
///
/// @param maxTokens most tokens of an answer
/// @param temperature of sampling; 0 takes the likeliest token
/// @param topK the number of likeliest tokens to sample from; 0 for all
/// @param topP the share of probability to sample from
/// @param minP the least probability of a sampled token, relative to the likeliest
/// @param seed of sampling, chosen by the server if the request named none; the answer can be reproduced with it
/// @param effort the share of tokens that continue at each step, if given
/// @param minDepth fewest recursions of a token
/// @param maxDepth the largest number of recursions of a token, if limited
/// @param prompts how many prompts there were
/// @param choices answers to each
/// @param stream whether the answer was streamed
public record RequestSettings(
        int maxTokens,
        double temperature,
        int topK,
        double topP,
        double minP,
        long seed,
        Optional<Double> effort,
        int minDepth,
        Optional<Integer> maxDepth,
        int prompts,
        int choices,
        boolean stream) {}
