package dev.saiki.server.audit;

import java.util.Optional;

/// The settings of a request.
///
/// @param maxTokens the largest number of tokens in an answer
/// @param temperature the sampling temperature; with 0, the likeliest token is taken
/// @param topK the number of likeliest tokens to sample from; 0 for all
/// @param topP the total probability of the tokens to sample from
/// @param minP the least probability of a sampled token, relative to the likeliest
/// @param seed the seed of sampling, chosen by the server if the request named none; the same seed reproduces
///     the answer
/// @param effort the mean share of active tokens that take the next recursion, if the request gave an effort
/// @param minDepth the smallest number of recursions of a token
/// @param maxDepth the largest number of recursions of a token, if the request limited it
/// @param prompts the number of prompts
/// @param choices the number of answers to each prompt
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
