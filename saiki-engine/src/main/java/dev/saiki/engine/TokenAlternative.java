package dev.saiki.engine;

/// One of the likeliest tokens at a position.
///
/// @param id the token
/// @param logprob natural-log probability under the model's own distribution, before any setting
public record TokenAlternative(int id, double logprob) {}
