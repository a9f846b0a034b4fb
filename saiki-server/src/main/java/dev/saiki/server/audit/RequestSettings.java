package dev.saiki.server.audit;

import java.util.Optional;

/// The settings of a request.
///
/// @param maxTokens most tokens of an answer
/// @param temperature of the drawing; 0 takes the likeliest
/// @param topK how many of the likeliest tokens were left; 0 for all
/// @param topP share of probability that was left
/// @param minP least probability, as a share of the likeliest
/// @param seed of the drawing, chosen by the server if the request named none: with it the answer can be had again
/// @param effort share of tokens that go on at each step, if it was named
/// @param minDepth fewest recursions of a token
/// @param maxDepth most recursions of a token, if it was bounded
/// @param prompts how many prompts there were
/// @param choices answers to each
/// @param stream whether the answer was wanted in pieces
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
